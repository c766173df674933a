import Bridge
import ENet
import Gateway

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
    case balance
    case choose
    case capacity
    case ejectAfter = "eject-after"
    case slowStart = "slow-start"
    case probe
    case discoveryInterval = "discovery-interval"
    case discoveryTimeout = "discovery-timeout"
    case discoveryCA = "discovery-ca"
    case resolver

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
        case .balance: "balance=" + Balance.allCases.map(\.rawValue).joined(separator: "|")
        case .choose: "choose=any|NAME,…"
        case .capacity: "capacity=SESSIONS"
        case .ejectAfter: "eject-after=PLAYERS"
        case .slowStart, .probe, .discoveryInterval, .discoveryTimeout: "\(rawValue)=SECONDS"
        case .discoveryCA: "discovery-ca=FILE"
        case .resolver: "resolver=ADDRESS[:PORT]"
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
        case .balance:
            "Which of several servers a new player gets: the one with the fewest sessions for its weight (default), each in its turn, each as often as its weight says, or always the same one for the same player."
        case .choose:
            "The servers a page may ask for by name, as /join/ROUTE?server=NAME (default none)."
        case .capacity:
            "Sessions of this gateway that each server takes at once, where it says nothing else of itself (default no bound)."
        case .ejectAfter:
            "Players in a row who find nobody at a server, before no more are sent there for a while; 0 is never (default 3 for several servers, 0 for one)."
        case .slowStart:
            "How long a server that came, or came back, gets less than its share of new players (default 10 for several servers, 0 for one)."
        case .probe:
            "For enet:// and enets://: how often each server is asked whether it is there, which its game does not notice; 0 is never (default)."
        case .discoveryInterval:
            "From one look for servers to the next (default 30)."
        case .discoveryTimeout:
            "How long a look for servers may take (default 5)."
        case .discoveryCA:
            "For +https://: the PEM file with the authorities, or the server's own certificate (default: the system's)."
        case .resolver:
            "The name server to ask for servers, in place of this host's."
        }
    }
}
