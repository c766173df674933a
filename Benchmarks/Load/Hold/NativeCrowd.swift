import BenchmarkPlayers
import Primitives

/// Native players beside the web ones, straight at the servers: state only, to have company there.
final class NativeCrowd {
    private var players: [(player: NativePlayer, until: Instant)] = []
    private let servers: [TransportAddress]
    private let count: Int
    private var nextMessage = Instant.zero
    private(set) var joins = 0
    private(set) var arrived = 0
    private static let pause: Milliseconds = 50
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)

    init(_ count: Int, at servers: [TransportAddress]) {
        self.count = count
        self.servers = servers
    }

    deinit { buffer.deallocate() }

    func tick(at now: Instant) throws {
        players.removeAll { $0.player.end != nil }
        while players.count < count { try join(at: now) }
        let isDue = nextMessage <= now
        if isDue { nextMessage = now + Self.pause }
        for (player, until) in players {
            while let datagram = player.socket?.receive(into: buffer) { player.receive(datagram, at: now) }
            if isDue { [UInt8](repeating: 9, count: 100).withUnsafeBytes { _ = player.send($0, at: now) } }
            if until <= now { player.leave(at: now) }
            player.settle(at: now)
        }
    }

    private func join(at now: Instant) throws {
        let player = try NativePlayer(server: servers[joins % servers.count])
        player.onMessage = { [unowned self] _ in arrived += 1 }
        players.append((player, now + Milliseconds(UInt64.random(in: 1_000...120_000))))
        joins += 1
    }
}
