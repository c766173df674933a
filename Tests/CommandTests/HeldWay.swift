import Foundation
import Glibc
import Synchronization

/// A way to the gateway's UDP port for one player, which lets nothing through until it is told to.
final class HeldWay: Sendable {
    private let near: TakenPort
    private let far: TakenPort
    private let isOver = Atomic(false)

    init() throws {
        near = try TakenPort(.udp)
        far = try TakenPort(.udp)
    }

    /// Where the player sends to.
    var port: UInt16 { near.number }

    /// From now on datagrams go on to that port, and those that come back to the player.
    func open(to gateway: UInt16) {
        Thread.detachNewThread { [self] in
            var player: sockaddr_in?
            while !isOver.load(ordering: .relaxed) {
                var watched = [near, far].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
                // As often as that it is looked at whether it is over.
                guard poll(&watched, 2, 100) > 0 else { continue }
                if watched[0].revents != 0 {
                    player = Self.pass(from: near, to: TakenPort.loopback(gateway), by: far)
                }
                if watched[1].revents != 0, let player { _ = Self.pass(from: far, to: player, by: near) }
            }
        }
    }

    func end() { isOver.store(true, ordering: .relaxed) }

    /// Passes one datagram on; returns who sent it.
    private static func pass(from: TakenPort, to destination: sockaddr_in, by: TakenPort) -> sockaddr_in {
        var (source, destination) = (sockaddr_in(), destination)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = withUnsafeMutableBytes(of: &source) {
            recvfrom(
                from.descriptor, &buffer, buffer.count, 0, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                &length)
        }
        withUnsafeBytes(of: &destination) {
            _ = sendto(
                by.descriptor, buffer, max(count, 0), 0, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
        }
        return source
    }
}
