import ENet
import Primitives

/// A game server on real libenet, in virtual time.
public final class SimulatedServer {
    public enum Behaviour: Sendable {
        /// Sends every packet back as it came.
        case echoes
        case listens
        /// Forgets a player right after CONNECT, as Godot does with an id that is taken.
        case refusesSilently
    }

    public struct Received {
        public let channel: UInt8
        public let delivery: Delivery
        public let bytes: [UInt8]
    }

    public let address: TransportAddress
    public var behaviour = Behaviour.echoes
    /// A server that is gone neither hears nor says anything.
    public var isGone = false
    /// Called with each player when it connects.
    public var onConnect: ((SimulatedServer, PeerID) -> Void)?

    /// What each connection's CONNECT carried, by connection.
    public private(set) var players: [PeerID: UInt32] = [:]
    /// By the data word of CONNECT.
    public private(set) var received: [UInt32: [Received]] = [:]
    public private(set) var disconnected: [UInt32: Int] = [:]

    private let host: ServerHost
    private var sources: [PeerID: TransportAddress] = [:]
    private var muted: Set<TransportAddress> = []
    private var now = Instant.zero

    public init(
        address: TransportAddress, random: inout SeededRandom,
        configuration: ServerConfiguration = ServerConfiguration()
    ) {
        self.address = address
        host = ServerHost(configuration: configuration, random: &random)
    }

    public var nextDeadline: Instant? { isGone ? nil : host.nextDeadline }

    public func receive(_ bytes: [UInt8], from source: TransportAddress, at now: Instant) {
        self.now = now
        guard !isGone else { return }
        bytes.withUnsafeBytes { try? host.receive($0, from: source, at: now) }
    }

    public func settle(at now: Instant, send: ([UInt8], TransportAddress) -> Void) {
        self.now = now
        guard !isGone else { return }
        if let deadline = host.nextDeadline, deadline <= now {
            host.advance(to: now)
        }
        while let event = host.nextEvent(at: now) {
            take(event)
        }
        host.flush(at: now)
        host.drainOutgoing { bytes, destination in
            if !muted.contains(destination) { send(Array(bytes), destination) }
        }
    }

    @discardableResult
    public func send(_ bytes: [UInt8], channel: UInt8, _ delivery: Delivery, to player: PeerID) -> SendResult {
        bytes.withUnsafeBytes { host.send($0, channel: channel, delivery: delivery, to: player, at: now) }
    }

    public func broadcast(_ bytes: [UInt8], channel: UInt8, _ delivery: Delivery) {
        for player in players.keys {
            send(bytes, channel: channel, delivery, to: player)
        }
    }

    public func kick(_ player: PeerID, data: UInt32 = 0) {
        host.disconnect(player, data: data, timing: .later, at: now)
    }

    public func player(_ data: UInt32) -> PeerID? {
        players.first { $0.value == data }?.key
    }

    private func take(_ event: ServerEvent) {
        switch event {
        case .connected(let id, let data, let source):
            if behaviour == .refusesSilently {
                host.disconnect(id, data: 0, timing: .now, at: now)
                muted.insert(source)
                return
            }
            players[id] = data
            received[data] = received[data] ?? []
            sources[id] = source
            onConnect?(self, id)
        case .packet(let id, let packet):
            guard let data = players[id] else { return }
            received[data, default: []].append(
                Received(channel: packet.channel, delivery: packet.delivery, bytes: Array(packet.payload)))
            if behaviour == .echoes {
                _ = host.send(packet.payload, channel: packet.channel, delivery: packet.delivery, to: id, at: now)
            }
        case .disconnected(let id, _):
            if let data = players.removeValue(forKey: id) {
                disconnected[data, default: 0] += 1
            }
        }
    }
}
