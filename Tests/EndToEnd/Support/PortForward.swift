import Foundation
import Glibc

/// A home router's port forward in small: a UDP port of 127.0.0.1 whose datagrams go to another, and back to whoever
/// sent them. To the gateway every player is another port of the router's.
///
/// It has one thread, which ends with `close()`.
final class PortForward: Sendable {
    let port: UInt16
    private let outside: Int32
    private let stopReading: Int32
    private let stopWriting: Int32

    private static let datagramSize = 65_536

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw HarnessError("no pipe: \(String(cString: strerror(errno)))") }
        (stopReading, stopWriting) = (ends[0], ends[1])
        outside = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (outside, length)
        let isBound = Self.with(&address) {
            bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &length) == 0
        }
        guard isBound else { throw HarnessError("cannot bind: \(String(cString: strerror(errno)))") }
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Forwards to this port from now on.
    func begin(to target: UInt16) {
        Thread.detachNewThread { [self] in run(to: target) }
    }

    func close() {
        var byte: UInt8 = 0
        _ = write(stopWriting, &byte, 1)
    }

    private func run(to target: UInt16) {
        /// By the player's address: the socket that stands for it.
        var inside: [UInt64: Int32] = [:]
        var players: [Int32: sockaddr_in] = [:]
        var buffer = [UInt8](repeating: 0, count: Self.datagramSize)
        defer { for descriptor in [outside, stopReading, stopWriting] + inside.values { Glibc.close(descriptor) } }
        while true {
            var watched = ([stopReading, outside] + inside.values).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&watched, nfds_t(watched.count), -1) >= 0 || errno == EINTR else { return }
            for entry in watched where entry.revents != 0 {
                if entry.fd == stopReading { return }
                if entry.fd == outside {
                    var player = sockaddr_in()
                    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                    let count = Self.with(&player) { recvfrom(outside, &buffer, buffer.count, 0, $0, &length) }
                    guard count >= 0 else { continue }
                    let key = UInt64(player.sin_addr.s_addr) << 16 | UInt64(player.sin_port)
                    let descriptor = inside[key] ?? Self.connected(to: target)
                    inside[key] = descriptor
                    players[descriptor] = player
                    _ = send(descriptor, buffer, count, 0)
                } else if var player = players[entry.fd] {
                    let count = recv(entry.fd, &buffer, buffer.count, 0)
                    guard count >= 0 else { continue }
                    _ = Self.with(&player) {
                        sendto(outside, buffer, count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
            }
        }
    }

    private static func connected(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        _ = with(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        return descriptor
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func with<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
