/// How a route's data channels and ENet channels belong together.
public enum Profile: String, CaseIterable, Sendable {
    /// Godot 4's high-level multiplayer: WebRTCMultiplayerPeer in the page, ENetMultiplayerPeer at the server.
    case godot4
    /// Any page and any ENet server: channels opened by label.
    case channels

    /// Whether the browser chooses a peer id that the server must know.
    public var usesPeerID: Bool { self == .godot4 }

    /// Bytes of the largest message that may be sent to the browser.
    ///
    /// Godot's page reads messages through a 64 KiB ring that needs five bytes more for each (godot
    /// modules/webrtc/webrtc_data_channel_js.cpp); what does not fit is lost without a word.
    public var browserMessageLimit: Int {
        switch self {
        case .godot4: 65_530
        case .channels: 262_144
        }
    }
}
