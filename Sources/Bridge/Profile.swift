/// How a route's data channels belong to what its server speaks.
public enum Profile: String, CaseIterable, Sendable {
    /// Godot 4's high-level multiplayer: WebRTCMultiplayerPeer in the page, ENetMultiplayerPeer at the server.
    case godot4
    /// Godot 3's: WebRTCMultiplayer in the page, NetworkedMultiplayerENet at the server.
    case godot3
    /// Any page and any ENet server: channels opened by label.
    case channels
    /// Any page and any server over UDP: one data channel carries datagrams as they are.
    case datagrams

    private var isGodot: Bool { self == .godot4 || self == .godot3 }

    /// Whether the browser chooses a peer id that the server must know.
    public var usesPeerID: Bool { isGodot }

    /// Whether the data words of ENet's CONNECT and DISCONNECT are the game's: Godot's CONNECT carries the peer id.
    public var hasDataWords: Bool { self == .channels }

    /// Whether the page reads messages once a frame only, and loses what it has no room for until then.
    public var isPaced: Bool { isGodot }

    /// Whether a message on a stream that nobody opened opens a channel there: the page negotiated it by itself.
    public var takesNegotiatedChannels: Bool { !isGodot }

    /// Whether the page sends even what the game wants unreliable as reliable messages: Godot writes the option
    /// `maxPacketLifeTime` so that browsers do not know it (godot modules/webrtc/webrtc_multiplayer_peer.cpp).
    public var sendsAllReliably: Bool { isGodot }

    /// SCTP streams offered each way: a channel of a higher id is refused. Memory goes with those that are used.
    public var streamCount: UInt16 {
        switch self {
        // Godot's highest stream is 256 (transfer channel 253).
        case .godot4: 257
        // Three channels, the highest with id 3.
        case .godot3: 4
        case .channels: 1024
        // One is used. With more of them a page hears that its second channel is refused, and may number its first.
        case .datagrams: 16
        }
    }

    /// Data channels a page may have open at once.
    public var channelLimit: Int { self == .datagrams ? 1 : Int(streamCount) }

    /// Bytes of the largest message that may be sent to the browser.
    ///
    /// Godot's page reads messages through a 64 KiB ring that needs five bytes more for each (godot
    /// modules/webrtc/webrtc_data_channel_js.cpp); what does not fit is lost without a word.
    public var browserMessageLimit: Int {
        switch self {
        case .godot4, .godot3: 65_530
        case .channels: 262_144
        case .datagrams: Self.datagramLimit
        }
    }

    /// Bytes of the largest datagram carried, either way; less to a server behind a narrower way. What Ethernet takes over IPv6 without
    /// fragments: 1500 less 40 for IPv6 (RFC 8200 §3) and 8 for UDP.
    public static let datagramLimit = 1452
}
