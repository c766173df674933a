import Glibc
import Primitives

@testable import ENet

/// A `ClientHost` on a real UDP socket to 127.0.0.1: the thinnest shell there is. Its clock is the real one plus what
/// `skip` added.
final class SocketClient {
    let host: ClientHost
    private(set) var seen: [Seen] = []
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0
    private let descriptor: Int32
    private var skipped: Milliseconds = 0

    init(port: UInt16, _ configuration: ClientConfiguration = ClientConfiguration()) {
        var random = SystemRandomNumberGenerator()
        host = ClientHost(configuration: configuration, random: &random)
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(status == 0, "No UDP socket on loopback.")
    }

    deinit {
        close(descriptor)
    }

    var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)) + skipped
    }

    /// Lets virtual time pass in which the network carries nothing.
    func skip(_ span: Milliseconds) {
        skipped = Milliseconds(nanoseconds: skipped.nanoseconds + span.nanoseconds)
        host.advance(to: now)
        settle()
    }

    func connect() {
        host.connect(at: now)
        settle()
    }

    func send(_ bytes: [UInt8], channel: UInt8 = 0, _ delivery: Delivery = .reliable) -> SendResult {
        bytes.withUnsafeBytes { host.send($0, channel: channel, delivery: delivery, at: now) }
    }

    func send(_ command: String) {
        _ = send(Array(command.utf8))
        settle()
    }

    /// Waits with poll(2) for datagrams and deadlines until `condition` holds. False after ten seconds, which only a
    /// failure needs.
    func wait(until condition: (SocketClient) -> Bool) -> Bool {
        let limit = now + 10_000
        settle()
        while !condition(self) {
            guard now < limit else { return false }
            let deadline = min(host.nextDeadline ?? limit, limit)
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, Int32(deadline.since(now).whole) + 1)
            receive()
            if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
            settle()
        }
        return true
    }

    private func receive() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            guard count > 0 else { return }
            bytesReceived += count
            bytes.withUnsafeBytes { try? host.receive(UnsafeRawBufferPointer(rebasing: $0[..<count]), at: now) }
        }
    }

    private func settle() {
        while let event = host.nextEvent(at: now) { seen.append(Seen(event)) }
        host.flush(at: now)
        bytesSent += host.outgoing.byteCount
        host.outgoing.forEach { _ = Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        host.outgoing.removeAll()
    }
}
