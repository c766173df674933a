import CENet

/// How a packet travels, in libenet's terms.
///
/// | delivery | flags |
/// |---|---|
/// | reliable | RELIABLE |
/// | unreliableSequenced | UNRELIABLE_FRAGMENT |
/// | unsequenced | UNSEQUENCED and UNRELIABLE_FRAGMENT |
///
/// UNRELIABLE_FRAGMENT keeps an unreliable packet larger than the MTU unreliable; libenet would send it reliably
/// otherwise. Such a packet always arrives as `unreliableSequenced`, because fragments carry no unsequenced form.
/// After 65,535 unreliable packets with no reliable one between them on a channel, libenet sends the next sequenced one
/// reliably, and it arrives so.
public enum Delivery: Sendable, Hashable, CaseIterable {
    /// Sent until acknowledged, in order within its channel.
    case reliable
    /// Sent once; one that arrives after a newer one of its channel is dropped.
    case unreliableSequenced
    /// Sent once, handed up in whatever order it arrives.
    case unsequenced

    /// As `ENetPacket.flags` of a packet to send.
    var flags: UInt32 {
        switch self {
        case .reliable: ENET_PACKET_FLAG_RELIABLE.rawValue
        case .unreliableSequenced: ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT.rawValue
        case .unsequenced: ENET_PACKET_FLAG_UNSEQUENCED.rawValue | ENET_PACKET_FLAG_UNRELIABLE_FRAGMENT.rawValue
        }
    }

    /// From `ENetPacket.flags` of a packet received.
    init(flags: UInt32) {
        if flags & ENET_PACKET_FLAG_RELIABLE.rawValue != 0 {
            self = .reliable
        } else if flags & ENET_PACKET_FLAG_UNSEQUENCED.rawValue != 0 {
            self = .unsequenced
        } else {
            self = .unreliableSequenced
        }
    }
}

/// What became of a packet given to `send`.
public enum SendResult: Sendable, Hashable {
    /// libenet has it. It leaves with the next `flush` or `advance`, or when the window allows.
    case queued
    /// Not connected yet, or no longer.
    case notConnected
    /// The two sides did not agree on that many channels.
    case noSuchChannel
    /// Larger than the configuration's `maximumPacketSize`.
    case tooLarge
    /// The bytes waiting for the network have reached their limit.
    case queueFull
}

/// A packet from the other side. The payload is the connection's memory, not a copy.
public struct ReceivedPacket {
    public let channel: UInt8
    public let delivery: Delivery
    /// Valid until the next event is taken, the packet is released, or the connection is no more.
    public let payload: UnsafeRawBufferPointer

    public init(channel: UInt8, delivery: Delivery, payload: UnsafeRawBufferPointer) {
        self.channel = channel
        self.delivery = delivery
        self.payload = payload
    }

    /// The same with a part of its payload.
    public func with(payload: UnsafeRawBufferPointer) -> ReceivedPacket {
        ReceivedPacket(channel: channel, delivery: delivery, payload: payload)
    }
}

@available(*, unavailable)
extension ReceivedPacket: Sendable {}
