/// How a route's data channels and ENet channels belong together.
public enum Profile: String, CaseIterable, Sendable {
    /// Godot 4's high-level multiplayer: WebRTCMultiplayerPeer in the page, ENetMultiplayerPeer at the server.
    case godot4
    /// Godot 3's: WebRTCMultiplayer in the page, NetworkedMultiplayerENet at the server.
    case godot3
    /// Any page and any ENet server: channels opened by label.
    case channels

    /// Whether the browser chooses a peer id that the server must know.
    public var usesPeerID: Bool { self != .channels }

    /// Whether the page reads messages once a frame only, and loses what it has no room for until then.
    public var isPaced: Bool { self != .channels }

    /// Whether the page sends even what the game wants unreliable as reliable messages: Godot writes the option
    /// `maxPacketLifeTime` so that browsers do not know it (godot modules/webrtc/webrtc_multiplayer_peer.cpp).
    public var sendsAllReliably: Bool { self != .channels }

    /// SCTP streams offered each way: a channel of a higher id is refused. Memory goes with those that are used.
    public var streamCount: UInt16 {
        switch self {
        // Godot's highest stream is 256 (transfer channel 253).
        case .godot4: 257
        // Three channels, the highest with id 3.
        case .godot3: 4
        case .channels: 1024
        }
    }

    /// Bytes of the largest message that may be sent to the browser.
    ///
    /// Godot's page reads messages through a 64 KiB ring that needs five bytes more for each (godot
    /// modules/webrtc/webrtc_data_channel_js.cpp); what does not fit is lost without a word.
    public var browserMessageLimit: Int {
        switch self {
        case .godot4, .godot3: 65_530
        case .channels: 262_144
        }
    }
}
