import ENet

/// Godot 4's channels (godot modules/webrtc/webrtc_multiplayer_peer.cpp, modules/enet/enet_multiplayer_peer.cpp).
///
/// | SCTP stream | ENet channel | what |
/// |---|---|---|
/// | 1 | 0 | reliable |
/// | 2 | 1 | unreliable, ordered |
/// | 3 | 1 | unreliable |
/// | 3 + n | 1 + n | transfer channel n ≥ 1 |
///
/// The data channels are pre-negotiated, so the only thing a message tells of its transfer mode is whether it is
/// ordered. On a transfer channel of its own an ordered message is therefore taken as reliable: an unreliable ordered
/// one from the browser arrives as if it were, never the other way round.
enum GodotChannels {
    static func destination(fromStream stream: UInt16, isUnordered: Bool) -> ServerDestination? {
        switch stream {
        case 1: ServerDestination(channel: 0, delivery: .reliable)
        case 2: ServerDestination(channel: 1, delivery: .unreliableSequenced)
        case 3: ServerDestination(channel: 1, delivery: .unsequenced)
        case 4...256: ServerDestination(channel: UInt8(stream - 2), delivery: isUnordered ? .unsequenced : .reliable)
        default: nil
        }
    }

    static func destination(fromChannel channel: UInt8, delivery: Delivery) -> BrowserDestination {
        let stream: UInt16 =
            switch (channel, delivery) {
            case (0, _): 1
            case (1, .unsequenced): 3
            case (1, _): 2
            default: UInt16(channel) + 2
            }
        return BrowserDestination(stream: stream, delivery: delivery)
    }
}
