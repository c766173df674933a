import DataChannels
import ENet

/// What each data channel is in ENet, and back, for one session.
public enum ChannelMap: Sendable {
    case godot4
    case godot3
    case channels(LabelledChannels)

    public init(_ profile: Profile) {
        switch profile {
        case .godot4: self = .godot4
        case .godot3: self = .godot3
        case .channels: self = .channels(LabelledChannels())
        }
    }

    /// A channel was opened in band.
    public mutating func open(_ channel: DataChannelTable.Channel) {
        // Godot's channels are agreed on beforehand: one opened by a message belongs to nothing.
        change { $0.open(channel) }
    }

    public mutating func close(stream: UInt16) {
        change { $0.close(stream: stream) }
    }

    private mutating func change(_ body: (inout LabelledChannels) -> Void) {
        guard case .channels(var labelled) = self else { return }
        // Let go of it here, or the change would copy it all.
        self = .channels(LabelledChannels())
        body(&labelled)
        self = .channels(labelled)
    }

    /// Where a message from the browser goes; nil when its stream is nothing in ENet.
    public func destination(fromStream stream: UInt16, isUnordered: Bool) -> ServerDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromStream: stream, isUnordered: isUnordered)
        case .godot3: Godot3Channels.destination(fromStream: stream)
        case .channels(let labelled): labelled.destination(fromStream: stream)
        }
    }

    /// Where a packet from the server goes; nil when the browser has no channel for it (yet).
    public func destination(fromChannel channel: UInt8, delivery: Delivery) -> BrowserDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromChannel: channel, delivery: delivery)
        case .godot3: Godot3Channels.destination(delivery: delivery)
        case .channels(let labelled): labelled.destination(fromChannel: channel, delivery: delivery)
        }
    }
}
