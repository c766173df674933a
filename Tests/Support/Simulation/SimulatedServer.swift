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
    /// Where its players speak DTLS.
    public let front: SecuredFront?
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
    /// The data words of their DISCONNECTs, in order; 0 where one timed out.
    public private(set) var disconnectData: [UInt32] = []
    /// Those who were kicked but never told: they did not acknowledge what was queued before the DISCONNECT.
    public private(set) var gaveUp: Set<UInt32> = []

    private let host: ServerHost
    private var muted: Set<TransportAddress> = []
    /// Who is to be disconnected once all is delivered, and the bytes that were still queued before the last advance.
    private var kicked: [PeerID: Int] = [:]
    private var now = Instant.zero
    /// Something came or was asked of it since it last settled.
    private var isTouched = true
    /// The host's, as it was when it last settled: to find it, the host looks at each peer.
    private var deadline: Instant?

    public init(
        address: TransportAddress, random: inout SeededRandom,
        configuration: ServerConfiguration = ServerConfiguration(), front: SecuredFront? = nil
    ) {
        self.address = address
        self.front = front
        host = ServerHost(configuration: configuration, random: &random)
    }

    /// Current once it has settled.
    public var nextDeadline: Instant? { isGone ? nil : deadline }

    public func receive(_ bytes: [UInt8], from source: TransportAddress, at now: Instant) {
        self.now = now
        guard !isGone else { return }
        isTouched = true
        for bytes in front?.receive(bytes, from: source, at: now) ?? [bytes] {
            bytes.withUnsafeBytes { try? host.receive($0, from: source, at: now) }
        }
    }

    public func settle(at now: Instant, send: ([UInt8], TransportAddress) -> Void) {
        self.now = now
        let isDue = deadline.map { $0 <= now } ?? false
        guard !isGone, isTouched || isDue else { return }
        isTouched = false
        front?.advance(to: now)
        if let deadline = host.nextDeadline, deadline <= now {
            for player in kicked.keys { kicked[player] = host.queuedBytes(for: player) }
            host.advance(to: now)
        }
        while let event = host.nextEvent(at: now) {
            take(event)
        }
        host.flush(at: now)
        host.drainOutgoing { bytes, destination in
            guard !muted.contains(destination) else { return }
            guard let front else { return send(Array(bytes), destination) }
            front.send(Array(bytes), to: destination, at: now)
        }
        front?.drain(send)
        deadline = .earlier(host.nextDeadline, front?.nextDeadline)
    }

    @discardableResult
    public func send(_ bytes: [UInt8], channel: UInt8, _ delivery: Delivery, to player: PeerID) -> SendResult {
        isTouched = true
        return bytes.withUnsafeBytes { host.send($0, channel: channel, delivery: delivery, to: player, at: now) }
    }

    public func broadcast(_ bytes: [UInt8], channel: UInt8, _ delivery: Delivery) {
        for player in players.keys {
            send(bytes, channel: channel, delivery, to: player)
        }
    }

    public func kick(_ player: PeerID, data: UInt32 = 0) {
        isTouched = true
        host.disconnect(player, data: data, timing: .later, at: now)
        kicked[player] = host.queuedBytes(for: player)
    }

    public func player(_ data: UInt32) -> PeerID? {
        players.first { $0.value == data }?.key
    }

    /// Forgets what players sent who are gone.
    func forgetThePast() {
        received = received.filter { players.values.contains($0.key) }
        disconnected.removeAll()
        disconnectData.removeAll()
        gaveUp.removeAll()
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
            onConnect?(self, id)
        case .packet(let id, let packet):
            guard let data = players[id] else { return }
            received[data, default: []].append(
                Received(channel: packet.channel, delivery: packet.delivery, bytes: Array(packet.payload)))
            if behaviour == .echoes {
                _ = host.send(packet.payload, channel: packet.channel, delivery: packet.delivery, to: id, at: now)
            }
        case .disconnected(let id, let word):
            disconnectData.append(word)
            let undelivered = kicked.removeValue(forKey: id) ?? 0
            if let data = players.removeValue(forKey: id) {
                disconnected[data, default: 0] += 1
                if undelivered > 0 { gaveUp.insert(data) }
            }
        }
    }
}
