import Bridge

/// What may be written after the `?` of a route: each option's name, form and meaning, as help and README show them.
public enum RouteOption: String, CaseIterable, Sendable {
    case profile
    case channels
    case connectData = "connect-data"

    /// As it is written, like `profile=PROFILE`.
    public var form: String {
        switch self {
        case .profile: "profile=" + Profile.allCases.map(\.rawValue).joined(separator: "|")
        case .channels: "channels=N"
        case .connectData: "connect-data=N"
        }
    }

    /// One sentence, with the default.
    public var sentence: String {
        switch self {
        case .profile:
            "What the page and the server speak: Godot 4 (default), Godot 3, any page and any ENet server, or (with udp:// only, and there the default) a protocol of their own in UDP datagrams."
        case .channels:
            "Only with profile=channels: how many ENet channels the server is asked for, 1 to 255 (default 255)."
        case .connectData:
            "Only with profile=channels: the data word of ENet's CONNECT for joins that name none, 0 to 4294967295 (default 0)."
        }
    }
}
