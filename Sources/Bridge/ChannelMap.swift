import DataChannels
import ENet

/// What each data channel is to the server, and back, for one session.
public enum ChannelMap: Sendable {
    case godot4
    case godot3
    case channels(LabelledChannels)
    /// The stream of the one channel, while it is open.
    case datagrams(stream: UInt16?)

    public init(_ profile: Profile) {
        switch profile {
        case .godot4: self = .godot4
        case .godot3: self = .godot3
        case .channels: self = .channels(LabelledChannels())
        case .datagrams: self = .datagrams(stream: nil)
        }
    }

    /// A channel was opened in band, or made known by its first message.
    public mutating func open(_ channel: DataChannelTable.Channel) {
        switch self {
        // Godot's channels are agreed on beforehand: one opened by a message belongs to nothing.
        case .godot4, .godot3: return
        case .channels: change { $0.open(channel) }
        case .datagrams: self = .datagrams(stream: channel.stream)
        }
    }

    public mutating func close(stream: UInt16) {
        switch self {
        case .godot4, .godot3: return
        case .channels: change { $0.close(stream: stream) }
        case .datagrams(stream: stream): self = .datagrams(stream: nil)
        case .datagrams: return
        }
    }

    private mutating func change(_ body: (inout LabelledChannels) -> Void) {
        guard case .channels(var labelled) = self else { return }
        // Let go of it here, or the change would copy it all.
        self = .channels(LabelledChannels())
        body(&labelled)
        self = .channels(labelled)
    }

    /// Where a message from the browser goes; nil when its stream is nothing to the server.
    public func destination(fromStream stream: UInt16, isUnordered: Bool) -> ServerDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromStream: stream, isUnordered: isUnordered)
        case .godot3: Godot3Channels.destination(fromStream: stream)
        case .channels(let labelled): labelled.destination(fromStream: stream)
        case .datagrams(stream: stream): ServerDestination(channel: 0, delivery: .unsequenced)
        case .datagrams: nil
        }
    }

    /// Where a packet from the server goes; nil when the browser has no channel for it (yet).
    public func destination(fromChannel channel: UInt8, delivery: Delivery) -> BrowserDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromChannel: channel, delivery: delivery)
        case .godot3: Godot3Channels.destination(delivery: delivery)
        case .channels(let labelled): labelled.destination(fromChannel: channel, delivery: delivery)
        // Whatever the page asked for on its channel: what must arrive, and in which order, its own protocol knows.
        case .datagrams(let stream): stream.map { BrowserDestination(stream: $0, delivery: .unsequenced) }
        }
    }
}
