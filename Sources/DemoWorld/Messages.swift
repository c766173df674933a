// The demo world's protocol. ENet channel 0 carries what must arrive (reliable), channel 1 the state (unsequenced);
// channel 2 (unreliable, sequenced) is there to be measured beside them. All numbers are little-endian.
//
//   client → server, each        02 u32 number, f64 t     ping; pings of a channel are numbered
//   client → server, channel 1   01 f32 x, f32 y          my position
//   client → server, channel 0   10 u8 kind, utf8 name    hello, once
//                                11 utf8 text             chat
//                                12                       a ripple where I am
//   server → client, each        02 u32 number, f64 t, u32 count      pong, on the ping's channel: its number and time,
//                                and how many pings have come on that channel, which numbers the pongs
//   server → client, channel 0   20 u16 id                welcome
//                                21 u16 id, u8 kind, u16 hue, utf8 name     a player is here
//                                22 u16 id                a player left
//                                23 u16 id, utf8 text     chat
//                                24 u16 id                ripple
//   server → client, channel 1   30 u32 tick, u16 count, count × (u16 id, f32 x, f32 y)      where players are

import ENet

/// The demo's ENet channels, one for each way in which packets travel.
public enum WorldChannel {
    public static let reliable: UInt8 = 0
    public static let state: UInt8 = 1
    public static let sequenced: UInt8 = 2

    static let count = 3

    static func delivery(on channel: UInt8) -> Delivery {
        switch channel {
        case reliable: .reliable
        case sequenced: .unreliableSequenced
        default: .unsequenced
        }
    }
}

/// How a player came in.
public enum PlayerKind: UInt8, Sendable {
    case native = 0
    case web = 1
}

/// A place in the world, whose corners are (0, 0) and (1000, 600).
public struct Position: Hashable, Sendable {
    public static let width: Float = 1000
    public static let height: Float = 600

    public var x: Float
    public var y: Float

    /// Nearest place within the world; nil when a coordinate is not a number.
    public init?(clamping x: Float, _ y: Float) {
        guard !x.isNaN, !y.isNaN else { return nil }
        self.x = min(max(x, 0), Self.width)
        self.y = min(max(y, 0), Self.height)
    }

    public func distance(to other: Position) -> Float {
        let (dx, dy) = (x - other.x, y - other.y)
        return (dx * dx + dy * dy).squareRoot()
    }
}

/// What a client says.
public enum ClientMessage: Equatable, Sendable {
    case position(Position)
    /// `time` is the client's own, and only that.
    case ping(number: UInt32, time: UInt64, channel: UInt8)
    case hello(PlayerKind, name: String)
    case chat(String)
    case ripple

    /// Nil for anything that is not a well-formed message on its own channel.
    public init?(_ bytes: UnsafeRawBufferPointer, channel: UInt8) {
        var reader = LittleEndianReader(bytes)
        guard let tag = reader.readInteger(UInt8.self) else { return nil }
        switch (tag, channel) {
        case (0x01, WorldChannel.state):
            guard let x = reader.readFloat(), let y = reader.readFloat(), let position = Position(clamping: x, y)
            else { return nil }
            self = .position(position)
        case (0x02, ..<UInt8(WorldChannel.count)):
            guard let number = reader.readInteger(UInt32.self), let time = reader.readInteger(UInt64.self) else {
                return nil
            }
            self = .ping(number: number, time: time, channel: channel)
        case (0x10, WorldChannel.reliable):
            guard let kind = reader.readInteger(UInt8.self).flatMap(PlayerKind.init) else { return nil }
            self = .hello(kind, name: PlainText.sanitised(reader.readRest(), maximumBytes: PlainText.maximumName))
        case (0x11, WorldChannel.reliable):
            let text = PlainText.sanitised(reader.readRest(), maximumBytes: PlainText.maximumChat)
            guard !text.isEmpty else { return nil }
            self = .chat(text)
        case (0x12, WorldChannel.reliable):
            self = .ripple
        default:
            return nil
        }
        guard reader.isAtEnd else { return nil }
    }

    public var channel: UInt8 {
        switch self {
        case .position: WorldChannel.state
        case .ping(_, _, let channel): channel
        case .hello, .chat, .ripple: WorldChannel.reliable
        }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .position(let position):
            bytes.append(0x01)
            bytes.append(littleEndian: position.x)
            bytes.append(littleEndian: position.y)
        case .ping(let number, let time, _):
            bytes.append(0x02)
            bytes.append(littleEndian: number)
            bytes.append(littleEndian: time)
        case .hello(let kind, let name):
            bytes += [0x10, kind.rawValue] + Array(name.utf8)
        case .chat(let text):
            bytes += [0x11] + Array(text.utf8)
        case .ripple:
            bytes.append(0x12)
        }
        return bytes
    }
}

/// What the server says.
public enum ServerMessage: Equatable, Sendable {
    /// `count` pings have come on the channel.
    case pong(number: UInt32, time: UInt64, count: UInt32, channel: UInt8)
    case welcome(UInt16)
    case joined(UInt16, PlayerKind, hue: UInt16, name: String)
    case left(UInt16)
    case chat(UInt16, String)
    case ripple(UInt16)
    case snapshot(tick: UInt32, [Placed])

    /// One player in a snapshot.
    public struct Placed: Equatable, Sendable {
        public var id: UInt16
        public var position: Position

        static let size = 10
    }

    static let snapshotHeaderSize = 7

    public init?(_ bytes: UnsafeRawBufferPointer, channel: UInt8) {
        var reader = LittleEndianReader(bytes)
        guard let tag = reader.readInteger(UInt8.self) else { return nil }
        if tag == 0x02 {
            guard let number = reader.readInteger(UInt32.self), let time = reader.readInteger(UInt64.self),
                let count = reader.readInteger(UInt32.self)
            else { return nil }
            self = .pong(number: number, time: time, count: count, channel: channel)
        } else if tag == 0x30 {
            guard let snapshot = Self.readSnapshot(&reader) else { return nil }
            self = snapshot
        } else {
            guard let id = reader.readInteger(UInt16.self), let message = Self.read(tag, about: id, &reader)
            else { return nil }
            self = message
        }
        guard reader.isAtEnd else { return nil }
    }

    private static func read(_ tag: UInt8, about id: UInt16, _ reader: inout LittleEndianReader) -> ServerMessage? {
        switch tag {
        case 0x20: return .welcome(id)
        case 0x21:
            guard let kind = reader.readInteger(UInt8.self).flatMap(PlayerKind.init),
                let hue = reader.readInteger(UInt16.self)
            else { return nil }
            let name = PlainText.sanitised(reader.readRest(), maximumBytes: PlainText.maximumName)
            return .joined(id, kind, hue: hue, name: name)
        case 0x22: return .left(id)
        case 0x23: return .chat(id, PlainText.sanitised(reader.readRest(), maximumBytes: PlainText.maximumChat))
        case 0x24: return .ripple(id)
        default: return nil
        }
    }

    private static func readSnapshot(_ reader: inout LittleEndianReader) -> ServerMessage? {
        guard let tick = reader.readInteger(UInt32.self), let count = reader.readInteger(UInt16.self) else {
            return nil
        }
        var players: [Placed] = []
        for _ in 0..<count {
            guard let id = reader.readInteger(UInt16.self), let x = reader.readFloat(), let y = reader.readFloat(),
                let position = Position(clamping: x, y)
            else { return nil }
            players.append(Placed(id: id, position: position))
        }
        return .snapshot(tick: tick, players)
    }

    public var channel: UInt8 {
        switch self {
        case .pong(_, _, _, let channel): channel
        case .snapshot: WorldChannel.state
        case .welcome, .joined, .left, .chat, .ripple: WorldChannel.reliable
        }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .pong(let number, let time, let count, let channel):
            bytes = ClientMessage.ping(number: number, time: time, channel: channel).bytes
            bytes.append(littleEndian: count)
        case .welcome(let id): bytes.append(0x20, about: id)
        case .joined(let id, let kind, let hue, let name):
            bytes.append(0x21, about: id)
            bytes.append(kind.rawValue)
            bytes.append(littleEndian: hue)
            bytes += Array(name.utf8)
        case .left(let id): bytes.append(0x22, about: id)
        case .chat(let id, let text):
            bytes.append(0x23, about: id)
            bytes += Array(text.utf8)
        case .ripple(let id): bytes.append(0x24, about: id)
        case .snapshot(let tick, let players):
            bytes.append(0x30)
            bytes.append(littleEndian: tick)
            bytes.append(littleEndian: UInt16(clamping: players.count))
            for player in players {
                bytes.append(littleEndian: player.id)
                bytes.append(littleEndian: player.position.x)
                bytes.append(littleEndian: player.position.y)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ tag: UInt8, about id: UInt16) {
        append(tag)
        append(littleEndian: id)
    }
}
