import Foundation
import Glibc
import Synchronization

/// A long way between browsers and a gateway: takes datagrams on a UDP port of 127.0.0.1, and hands them on, each way,
/// after the same delay and in their order. The gateway is started with the relay's address in `--advertise`.
///
/// Each browser's address has a socket of its own towards the gateway, as behind a NAT.
final class DelayRelay: Sendable {
    /// What browsers send to: `127.0.0.1:PORT`.
    var address: String { "127.0.0.1:\(port)" }

    private struct Delayed {
        let due: ContinuousClock.Instant
        let from: Int32
        /// Nil for the gateway, which the sending socket is connected to.
        let to: sockaddr_in?
        let bytes: [UInt8]
    }

    private struct State {
        var gatewayPort: UInt16?
        var isClosed = false
    }

    private let port: UInt16
    private let descriptor: Int32
    private let delay: Duration
    private let state = Mutex(State())

    /// - Parameter delay: one way.
    init(delay: Duration) throws {
        self.delay = delay
        (descriptor, port) = try LoopbackUDP.bound()
        Thread.detachNewThread { self.run() }
    }

    /// Where datagrams go from now on; those of before are lost.
    func lead(toPort port: UInt16) {
        state.withLock { $0.gatewayPort = port }
    }

    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Runs `body` with a relay that is closed afterwards.
    static func running<Result: Sendable>(
        delay: Duration, _ body: (DelayRelay) async throws -> Result
    ) async throws -> Result {
        let relay = try DelayRelay(delay: delay)
        defer { relay.close() }
        return try await body(relay)
    }

    private func run() {
        var waiting: [Delayed] = []
        var gatewaySockets: [UInt32: (descriptor: Int32, browser: sockaddr_in)] = [:]
        while true {
            let (gatewayPort, isClosed) = state.withLock { ($0.gatewayPort, $0.isClosed) }
            if isClosed { break }
            wait(for: [descriptor] + gatewaySockets.values.map(\.descriptor), until: waiting.first?.due)
            let due = ContinuousClock.now + delay
            while let (bytes, browser) = Self.receive(descriptor) {
                let key = UInt32(browser.sin_port)
                if gatewaySockets[key] == nil, let gatewayPort {
                    gatewaySockets[key] = (LoopbackUDP.connected(to: gatewayPort), browser)
                }
                guard let own = gatewaySockets[key]?.descriptor else { continue }
                waiting.append(Delayed(due: due, from: own, to: nil, bytes: bytes))
            }
            for (own, browser) in gatewaySockets.values {
                while let (bytes, _) = Self.receive(own) {
                    waiting.append(Delayed(due: due, from: descriptor, to: browser, bytes: bytes))
                }
            }
            let now = ContinuousClock.now
            let ready = waiting.prefix { $0.due <= now }
            for datagram in ready { Self.send(datagram) }
            waiting.removeFirst(ready.count)
        }
        for own in gatewaySockets.values.map(\.descriptor) + [descriptor] { Glibc.close(own) }
    }

    /// Until something arrives or is due, in whole milliseconds: the last part of one is spent without waiting. 100 ms at
    /// most, to hear of the end.
    private func wait(for descriptors: [Int32], until due: ContinuousClock.Instant?) {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let longest = 0.1
        let left = max(0, min(longest, due.map { ContinuousClock.now.duration(to: $0).seconds } ?? longest))
        _ = poll(&polled, nfds_t(polled.count), Int32(1000 * left))
    }

    private static func receive(_ descriptor: Int32) -> ([UInt8], sockaddr_in)? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        var source = sockaddr_in()
        let count = LoopbackUDP.receive(descriptor, &buffer, from: &source)
        return count >= 0 ? (Array(buffer.prefix(count)), source) : nil
    }

    private static func send(_ datagram: Delayed) {
        if let to = datagram.to {
            LoopbackUDP.send(datagram.from, datagram.bytes, datagram.bytes.count, to: to)
        } else {
            _ = Glibc.send(datagram.from, datagram.bytes, datagram.bytes.count, 0)
        }
    }
}
