import ENet

/// Godot 3's channels (godot 3.x modules/webrtc/webrtc_multiplayer.cpp, modules/enet/networked_multiplayer_enet.cpp).
///
/// | SCTP stream | ENet channel | what |
/// |---|---|---|
/// | | 0 | what the server tells of other players, see PacketFraming |
/// | 1 | 1 | reliable |
/// | 2 | 2 | unreliable, ordered |
/// | 3 | 2 | unreliable |
///
/// A server may send on higher channels (`transfer_channel`), for which a page has none: those go by their kind.
enum Godot3Channels {
    static func destination(fromStream stream: UInt16) -> ServerDestination? {
        switch stream {
        case 1: ServerDestination(channel: 1, delivery: .reliable)
        case 2: ServerDestination(channel: 2, delivery: .unreliableSequenced)
        case 3: ServerDestination(channel: 2, delivery: .unsequenced)
        default: nil
        }
    }

    static func destination(delivery: Delivery) -> BrowserDestination {
        let stream: UInt16 =
            switch delivery {
            case .reliable: 1
            case .unreliableSequenced: 2
            case .unsequenced: 3
            }
        return BrowserDestination(stream: stream, delivery: delivery)
    }
}
