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
        (descriptor, port) = try Self.boundSocket()
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
                if gatewaySockets[key] == nil, let gatewayPort, let own = try? Self.boundSocket().descriptor {
                    _ = Self.withAddress(Self.loopback(port: gatewayPort)) { connect(own, $0, $1) }
                    gatewaySockets[key] = (own, browser)
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
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
            }
        }
        return count >= 0 ? (Array(buffer.prefix(count)), address) : nil
    }

    private static func send(_ datagram: Delayed) {
        if let to = datagram.to {
            _ = withAddress(to) { sendto(datagram.from, datagram.bytes, datagram.bytes.count, 0, $0, $1) }
        } else {
            _ = Glibc.send(datagram.from, datagram.bytes, datagram.bytes.count, 0)
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withAddress<Value>(
        _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func boundSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard descriptor >= 0, result == 0 else {
            throw HarnessError("the relay has no socket: \(String(cString: strerror(errno)))")
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
