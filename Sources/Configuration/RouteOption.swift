import Bridge
import ENet

/// What may be written after the `?` of a route: each option's name, form and meaning, as help and README show them.
public enum RouteOption: String, CaseIterable, Sendable {
    case profile
    case verify
    case ca
    case serverName = "server-name"
    case pin
    case channels
    case connectData = "connect-data"
    case linkMTU = "link-mtu"
    case source
    case interface
    case dscp
    case sendBuffer = "send-buffer"
    case receiveBuffer = "receive-buffer"
    case `private`
    case sessionToServer = "session-to-server"
    case sessionToBrowser = "session-to-browser"
    case routeToServer = "route-to-server"
    case routeToBrowser = "route-to-browser"
    case compression

    /// As it is written, like `profile=PROFILE`.
    public var form: String {
        switch self {
        case .profile: "profile=" + Profile.allCases.map(\.rawValue).joined(separator: "|")
        case .verify: "verify=" + CertificateCheck.allCases.map(\.rawValue).joined(separator: "|")
        case .ca: "ca=FILE"
        case .serverName: "server-name=NAME"
        case .pin: "pin=sha256:HEX"
        case .channels: "channels=N"
        case .connectData: "connect-data=N"
        case .linkMTU: "link-mtu=BYTES"
        case .source: "source=ADDRESS"
        case .interface: "interface=NAME"
        case .dscp: "dscp=NUMBER|NAME"
        case .sendBuffer: "send-buffer=BYTES"
        case .receiveBuffer: "receive-buffer=BYTES"
        case .private: "private=allowed"
        case .sessionToServer, .sessionToBrowser, .routeToServer, .routeToBrowser: "\(rawValue)=MESSAGES,BYTES"
        case .compression: "compression=" + Compression.allCases.map(\.rawValue).joined(separator: "|")
        }
    }

    /// One sentence, with the default.
    public var sentence: String {
        switch self {
        case .profile:
            "What the page and the server speak: Godot 4 (default), Godot 3, any page and any ENet server, or (with udp:// only, and there the default) a protocol of their own in UDP datagrams."
        case .verify:
            "For enets://: the server's certificate is from an authority and for its name (default), from an authority, or not looked at."
        case .ca:
            "For enets://: the PEM file with the authorities, or the server's own certificate (default: the system's)."
        case .serverName:
            "For enets://: the name in the server's certificate, which is also asked for (default: the route's host)."
        case .pin:
            "For enets://: the server's certificate has this SHA-256 fingerprint, and nothing else about it matters (default: none)."
        case .channels:
            "Only with profile=channels: how many ENet channels the server is asked for, 1 to 255 (default 255)."
        case .connectData:
            "Only with profile=channels: the data word of ENet's CONNECT for joins that name none, 0 to 4294967295 (default 0)."
        case .linkMTU:
            "The largest IP packet that reaches the server whole (default: what the kernel knows of the way, like 1420 of WireGuard's)."
        case .source: "The address of this host that the server sees (default: the routing table's choice)."
        case .interface:
            "The network interface to leave through, whatever the routing table says; needs CAP_NET_RAW on old kernels."
        case .dscp: "The differentiated services code point of packets to the server, like 46 or EF (default 0)."
        case .sendBuffer: "The kernel's buffer for datagrams to the server, for each player (default 262144)."
        case .receiveBuffer: "The kernel's buffer for datagrams from the server, for each player (default 262144)."
        case .private:
            "The server's name may stand for a private address, one of the link or of this host (default: public ones and localhost only)."
        case .sessionToServer: "The most a page may send to the server in a second; either number may be left out."
        case .sessionToBrowser: "The most a page may get from the server in a second."
        case .routeToServer: "The most all pages of the route may send together in a second."
        case .routeToBrowser: "The most all pages of the route may get together in a second."
        case .compression:
            "What the server compresses with; nothing tells it to the gateway (default none)."
        }
    }
}
