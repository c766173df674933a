import Bridge

/// What may be written after the `?` of a route: each option's name, form and meaning, as help and README show them.
public enum RouteOption: String, CaseIterable, Sendable {
    case profile
    case verify
    case ca
    case serverName = "server-name"
    case pin

    /// As it is written, like `profile=PROFILE`.
    public var form: String {
        switch self {
        case .profile: "profile=" + Profile.allCases.map(\.rawValue).joined(separator: "|")
        case .verify: "verify=" + CertificateCheck.allCases.map(\.rawValue).joined(separator: "|")
        case .ca: "ca=FILE"
        case .serverName: "server-name=NAME"
        case .pin: "pin=sha256:HEX"
        }
    }

    /// One sentence, with the default.
    public var sentence: String {
        switch self {
        case .profile:
            "What the page and the server speak: Godot 4 (default), Godot 3, or any page and any ENet server."
        case .verify:
            "For enets://: the server's certificate is from an authority and for its name (default), from an authority, or not looked at."
        case .ca:
            "For enets://: the PEM file with the authorities, or the server's own certificate (default: the system's)."
        case .serverName:
            "For enets://: the name in the server's certificate, which is also asked for (default: the route's host)."
        case .pin:
            "For enets://: the server's certificate has this SHA-256 fingerprint, and nothing else about it matters (default: none)."
        }
    }
}
