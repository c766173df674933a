import ENet
import Primitives

/// The demo's game server: a `World` behind an ENet server on a loopback UDP port, on a thread of its own.
public final class DemoServer: Sendable {
    /// Where it listens.
    public let address: TransportAddress
    private let thread: LoopThread

    /// - Parameter port: 0 for any free one.
    public init(port: UInt16) throws(DemoError) {
        do { try SocketLayer.verifyIsInstalled() } catch { throw .socketLayer(error) }
        let socket = try LoopbackSocket(port: port)
        address = socket.address
        thread = try LoopThread(socket) { socket in
            ServerLoop(socket).run()
        }
    }

    /// Tells every client goodbye and ends.
    public func stop() {
        thread.stop()
    }
}

/// What runs on the server's thread.
private final class ServerLoop {
    // Our choice: a few more than the world holds, so that a full world can say so.
    private static let maximumPeers = World.maximumPlayers + 8
    /// The disconnect data of a full world, and of a client that never said hello.
    private static let worldFull: UInt32 = 1
    private static let noHello: UInt32 = 2
    private static let tickNanoseconds = 1_000_000_000 / UInt64(World.snapshotsPerSecond)

    private let socket: LoopbackSocket
    private let host: ServerHost
    private var world = World()
    private var players: [PeerID: UInt16] = [:]
    private var peers: [UInt16: PeerID] = [:]
    private var outbox: [World.Outgoing] = []
    private var nextTick = MonotonicClock.now

    init(_ socket: LoopbackSocket) {
        var configuration = ServerConfiguration()
        configuration.maximumPeers = Self.maximumPeers
        configuration.channelLimit = 255
        configuration.maximumPacketSize = 64 * 1024
        configuration.maximumWaitingData = 256 * 1024
        configuration.maximumQueuedBytes = 256 * 1024
        var random = SystemRandomNumberGenerator()
        host = ServerHost(configuration: configuration, random: &random)
        self.socket = socket
    }

    func run() {
        while socket.wait(until: players.isEmpty ? host.nextDeadline : min(nextTick, host.nextDeadline ?? nextTick)) {
            let now = MonotonicClock.now
            socket.receive { datagram, source in
                // What libenet cannot have sent is dropped, as libenet drops what it cannot read.
                do { try host.receive(datagram, from: source, at: now) } catch { return }
            }
            if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
            while let event = host.nextEvent(at: now) { receive(event, at: now) }
            tickIfDue(at: now)
            settle(at: now)
        }
        let now = MonotonicClock.now
        for peer in host.connectedPeers { host.disconnect(peer, data: 0, timing: .now, at: now) }
        settle(at: now)
    }

    private func receive(_ event: ServerEvent, at now: Instant) {
        switch event {
        case .connected(let peer, _, _):
            guard let id = world.connect(at: now) else {
                host.disconnect(peer, data: Self.worldFull, timing: .soon, at: now)
                return
            }
            if players.isEmpty { nextTick = now }
            players[peer] = id
            peers[id] = peer
        case .packet(let peer, let packet):
            guard let id = players[peer] else { return }
            world.receive(packet.payload, channel: packet.channel, from: id, at: now, into: &outbox)
        case .disconnected(let peer, _):
            guard let id = players.removeValue(forKey: peer) else { return }
            peers[id] = nil
            world.disconnect(id, into: &outbox)
        }
    }

    private func tickIfDue(at now: Instant) {
        guard !players.isEmpty, nextTick <= now else { return }
        // Ticks missed while the machine was busy are skipped, not made up for.
        nextTick = Instant(
            nanoseconds: max(nextTick.nanoseconds, now.nanoseconds - Self.tickNanoseconds) + Self.tickNanoseconds)
        outbox += world.snapshot().map { World.Outgoing(to: .everyone, message: $0) }
        for id in world.silent(at: now) {
            guard let peer = peers[id] else { continue }
            host.disconnect(peer, data: Self.noHello, timing: .soon, at: now)
        }
    }

    private func settle(at now: Instant) {
        for outgoing in outbox { send(outgoing, at: now) }
        outbox.removeAll(keepingCapacity: true)
        host.flush(at: now)
        host.drainOutgoing { socket.send($0, to: $1) }
    }

    private func send(_ outgoing: World.Outgoing, at now: Instant) {
        let channel = outgoing.message.channel
        let delivery = WorldChannel.delivery(on: channel)
        let recipients =
            switch outgoing.to {
            case .player(let id): [id]
            case .everyone: world.present
            }
        outgoing.message.bytes.withUnsafeBytes { bytes in
            for peer in recipients.compactMap({ peers[$0] }) {
                // A client whose queue is full misses it: it has stopped acknowledging and will time out.
                _ = host.send(bytes, channel: channel, delivery: delivery, to: peer, at: now)
            }
        }
    }
}
