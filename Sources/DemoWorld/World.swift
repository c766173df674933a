import Primitives

/// The shared world of the demo: who is in it, where, and who is to be told what. Fed with messages and a time, it owns
/// no socket and no clock.
public struct World: Sendable {
    // Our choice.
    public static let maximumPlayers = 64
    public static let snapshotsPerSecond = 30
    public static let maximumSnapshotBytes = 1200
    static let maximumMessageBytes = 1024
    /// Who connects and does not say hello within it is sent away.
    static let helloTimeout: Milliseconds = 10_000

    /// Something to send.
    public struct Outgoing: Equatable, Sendable {
        public enum Recipient: Equatable, Sendable {
            case player(UInt16)
            /// Everyone who has said hello.
            case everyone
        }

        public let to: Recipient
        public let message: ServerMessage
    }

    private struct Player {
        let connectedAt: Instant
        var kind = PlayerKind.native
        var name: String?
        var position: Position
        var chat: RateLimit
        var ripples: RateLimit
        var pings: RateLimit
        /// How many have come, by channel.
        var pingCounts = [UInt32](repeating: 0, count: WorldChannel.count)
    }

    private var players: [UInt16: Player] = [:]
    private var lastID: UInt16 = 0
    private var tick: UInt32 = 0

    public init() {}

    /// Players who have said hello, in order of id.
    public var present: [UInt16] { players.filter { $0.value.name != nil }.keys.sorted() }

    /// Takes in a new connection, unseen until it says hello. Nil when the world is full.
    public mutating func connect(at now: Instant) -> UInt16? {
        guard players.count < Self.maximumPlayers else { return nil }
        repeat { lastID = lastID == .max ? 1 : lastID + 1 } while players[lastID] != nil
        players[lastID] = Player(
            connectedAt: now, position: Self.spawn(lastID),
            chat: RateLimit(burst: 5, perSecond: 1, at: now),
            ripples: RateLimit(burst: 8, perSecond: 4, at: now),
            pings: RateLimit(burst: 300, perSecond: 60, at: now))
        return lastID
    }

    public mutating func disconnect(_ id: UInt16, into outbox: inout [Outgoing]) {
        guard let player = players.removeValue(forKey: id), player.name != nil else { return }
        outbox.append(Outgoing(to: .everyone, message: .left(id)))
    }

    /// Connections that have kept silent for too long.
    public func silent(at now: Instant) -> [UInt16] {
        players.filter { $0.value.name == nil && now.since($0.value.connectedAt) >= Self.helloTimeout }.keys.sorted()
    }

    /// Acts on what a client sent. Anything malformed, out of turn or too frequent is ignored.
    public mutating func receive(
        _ bytes: UnsafeRawBufferPointer, channel: UInt8, from id: UInt16, at now: Instant,
        into outbox: inout [Outgoing]
    ) {
        guard bytes.count <= Self.maximumMessageBytes, let message = ClientMessage(bytes, channel: channel),
            let player = players[id]
        else { return }
        switch message {
        case .ping(let number, let time, let channel):
            guard players[id]?.pings.allows(at: now) == true else { return }
            let count = player.pingCounts[Int(channel)] &+ 1
            players[id]?.pingCounts[Int(channel)] = count
            let pong = ServerMessage.pong(number: number, time: time, count: count, channel: channel)
            outbox.append(Outgoing(to: .player(id), message: pong))
        case .hello(let kind, let name):
            guard player.name == nil else { return }
            welcome(id, kind, name, into: &outbox)
        case .position(let position):
            players[id]?.position = position
        case .chat(let text):
            guard player.name != nil, players[id]?.chat.allows(at: now) == true else { return }
            outbox.append(Outgoing(to: .everyone, message: .chat(id, text)))
        case .ripple:
            guard player.name != nil, players[id]?.ripples.allows(at: now) == true else { return }
            outbox.append(Outgoing(to: .everyone, message: .ripple(id)))
        }
    }

    /// Where everyone is, in as many messages as keep each within `maximumBytes`. None when nobody is here.
    public mutating func snapshot(maximumBytes: Int = World.maximumSnapshotBytes) -> [ServerMessage] {
        tick &+= 1
        let placed = players.filter { $0.value.name != nil }.sorted { $0.key < $1.key }
            .map { ServerMessage.Placed(id: $0.key, position: $0.value.position) }
        let perMessage = max(1, (maximumBytes - ServerMessage.snapshotHeaderSize) / ServerMessage.Placed.size)
        return stride(from: 0, to: placed.count, by: perMessage).map { start in
            .snapshot(tick: tick, Array(placed[start..<min(start + perMessage, placed.count)]))
        }
    }

    private mutating func welcome(_ id: UInt16, _ kind: PlayerKind, _ name: String, into outbox: inout [Outgoing]) {
        outbox.append(Outgoing(to: .player(id), message: .welcome(id)))
        for other in present {
            outbox.append(Outgoing(to: .player(id), message: joined(other)))
        }
        players[id]?.kind = kind
        players[id]?.name = name.isEmpty ? "Player \(id)" : name
        outbox.append(Outgoing(to: .everyone, message: joined(id)))
    }

    private func joined(_ id: UInt16) -> ServerMessage {
        let player = players[id]
        return .joined(id, player?.kind ?? .native, hue: Self.hue(id), name: player?.name ?? "")
    }

    /// Degrees on the colour wheel; neighbours in id lie far apart.
    private static func hue(_ id: UInt16) -> UInt16 {
        UInt16(UInt32(id) * 137 % 360)
    }

    /// Spread over the middle of the world, each id elsewhere.
    private static func spawn(_ id: UInt16) -> Position {
        let along = (Float(id) * 0.618_034).truncatingRemainder(dividingBy: 1)
        let across = (Float(id) * 0.754_878).truncatingRemainder(dividingBy: 1)
        return Position(clamping: 150 + 700 * along, 100 + 400 * across) ?? Position.centre
    }
}

extension Position {
    static let centre = Position(inside: 500, 300)

    private init(inside x: Float, _ y: Float) {
        self.x = x
        self.y = y
    }
}
