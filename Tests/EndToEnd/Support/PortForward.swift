import Foundation
import Glibc

/// A home router's port forward in small: a UDP port of 127.0.0.1 or ::1 whose datagrams go to another, and back to whoever
/// sent them. To the gateway every player is another port of the router's.
///
/// It has one thread, which ends with `close()`.
final class PortForward: Sendable {
    let port: UInt16
    private let outside: Int32
    private let stopReading: Int32
    private let stopWriting: Int32

    private static let datagramSize = 65_536

    /// - Parameter fromIPv6: its port is one of ::1 instead.
    init(fromIPv6: Bool = false) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw HarnessError("no pipe: \(String(cString: strerror(errno)))") }
        (stopReading, stopWriting) = (ends[0], ends[1])
        (outside, port) = try LoopbackUDP.bound(isIPv6: fromIPv6)
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
        var inside: [LoopbackUDP.Peer: Int32] = [:]
        var players: [Int32: LoopbackUDP.Peer] = [:]
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
                    guard let (count, player) = LoopbackUDP.receive(outside, &buffer) else { continue }
                    let descriptor = inside[player] ?? LoopbackUDP.connected(to: target)
                    inside[player] = descriptor
                    players[descriptor] = player
                    _ = send(descriptor, buffer, count, 0)
                } else if let player = players[entry.fd] {
                    let count = recv(entry.fd, &buffer, buffer.count, 0)
                    guard count >= 0 else { continue }
                    LoopbackUDP.send(outside, buffer, count, to: player)
                }
            }
        }
    }
}
