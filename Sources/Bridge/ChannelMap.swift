import DataChannels
import ENet

/// What each data channel is in ENet, and back, for one session.
public enum ChannelMap: Sendable {
    case godot4
    case channels(LabelledChannels)

    public init(_ profile: Profile) {
        switch profile {
        case .godot4: self = .godot4
        case .channels: self = .channels(LabelledChannels())
        }
    }

    /// A channel was opened in band.
    public mutating func open(_ channel: DataChannelTable.Channel) {
        // Godot's channels are agreed on beforehand: one opened by a message belongs to nothing.
        guard case .channels(var labelled) = self else { return }
        labelled.open(channel)
        self = .channels(labelled)
    }

    public mutating func close(stream: UInt16) {
        guard case .channels(var labelled) = self else { return }
        labelled.close(stream: stream)
        self = .channels(labelled)
    }

    /// Where a message from the browser goes; nil when its stream is nothing in ENet.
    public func destination(fromStream stream: UInt16, isUnordered: Bool) -> ServerDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromStream: stream, isUnordered: isUnordered)
        case .channels(let labelled): labelled.destination(fromStream: stream)
        }
    }

    /// Where a packet from the server goes; nil when the browser has no channel for it (yet).
    public func destination(fromChannel channel: UInt8, delivery: Delivery) -> BrowserDestination? {
        switch self {
        case .godot4: GodotChannels.destination(fromChannel: channel, delivery: delivery)
        case .channels(let labelled): labelled.destination(fromChannel: channel, delivery: delivery)
        }
    }
}
