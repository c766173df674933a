import Bridge
import ENet

/// What may be written after the `?` of a route: each option's name, form and meaning, as help and README show them.
public enum RouteOption: String, CaseIterable, Sendable {
    case profile
    case compression

    /// As it is written, like `profile=PROFILE`.
    public var form: String {
        switch self {
        case .profile: "profile=" + Profile.allCases.map(\.rawValue).joined(separator: "|")
        case .compression: "compression=" + Compression.allCases.map(\.rawValue).joined(separator: "|")
        }
    }

    /// One sentence, with the default.
    public var sentence: String {
        switch self {
        case .profile:
            "What the page and the server speak: Godot 4 (default), Godot 3, or any page and any ENet server."
        case .compression:
            "What the server compresses with; nothing tells it to the gateway (default none)."
        }
    }
}
