import Bridge

/// What may be written after the `?` of a route: each option's name, form and meaning, as help and README show them.
public enum RouteOption: String, CaseIterable, Sendable {
    case profile

    /// As it is written, like `profile=PROFILE`.
    public var form: String {
        switch self {
        case .profile: "profile=" + Profile.allCases.map(\.rawValue).joined(separator: "|")
        }
    }

    /// One sentence, with the default.
    public var sentence: String {
        switch self {
        case .profile:
            "What the page and the server speak: Godot 4 (default), Godot 3, or any page and any ENet server."
        }
    }
}
