import Gateway
import NIOHTTP1

/// What the first part of a target names.
enum Resource: Equatable {
    case join(route: String)
    case session(SessionID)
    /// A session's path whose id no session ever had.
    case sessionMisnamed
    /// A session's path that names another gateway.
    case sessionElsewhere(NodeName)
    case iceServers
    case live
    case ready
    /// `OPTIONS *`.
    case server
    /// Perhaps a file of the site; the path as its table has it.
    case file(path: String)

    /// - Parameter node: this gateway's name, if it has one.
    init(_ target: RequestTarget, at node: NodeName?) {
        let segments = target.segments
        switch (segments.first, segments.count) {
        case ("join", 2) where !segments[1].isEmpty: self = .join(route: segments[1])
        case ("session", 2): self = Self.session(named: segments[1], at: node)
        case ("ice-servers", 1): self = .iceServers
        case ("health", 2) where segments[1] == "live": self = .live
        case ("health", 2) where segments[1] == "ready": self = .ready
        case ("*", 1) where target == .asterisk: self = .server
        // A decoded "/" inside a segment can only make a name the table does not have.
        default: self = .file(path: "/" + segments.joined(separator: "/"))
        }
    }

    private static func session(named text: String, at node: NodeName?) -> Resource {
        guard let name = SessionName(text) else { return .sessionMisnamed }
        if name.node == node { return .session(name.id) }
        return name.node.map { .sessionElsewhere($0) } ?? .sessionMisnamed
    }

    /// The methods that do something, for `Allow` (RFC 9110 §10.2.1).
    var methods: [HTTPMethod] {
        switch self {
        case .join: [.POST, .OPTIONS]
        // WHIP (RFC 9725) has no use for GET on the session. Here it has one: a page that loses its connection must be
        // able to learn why.
        case .session, .sessionMisnamed, .sessionElsewhere: [.GET, .HEAD, .PATCH, .DELETE, .OPTIONS]
        case .iceServers, .live, .ready, .file: [.GET, .HEAD, .OPTIONS]
        case .server: [.OPTIONS]
        }
    }
}
