/// What a page may know of its session.
public enum SessionStatus: Equatable, Sendable {
    /// The connection to the browser is being set up.
    case joining
    /// The server is being asked.
    case connecting
    case playing
    case ending(EndReason)
    case ended(EndReason)

    /// `joining`, `connecting`, `playing`, `ending` or `ended`.
    public var label: String {
        switch self {
        case .joining: "joining"
        case .connecting: "connecting"
        case .playing: "playing"
        case .ending: "ending"
        case .ended: "ended"
        }
    }

    public var reason: EndReason? {
        switch self {
        case .joining, .connecting, .playing: nil
        case .ending(let reason), .ended(let reason): reason
        }
    }
}

extension Session {
    var status: SessionStatus {
        switch phase {
        case .joining: .joining
        case .connecting, .confirming: .connecting
        case .playing: .playing
        case .farewellToBrowser(let reason, _), .farewellToServer(let reason, _): .ending(reason)
        case .ended(let reason): .ended(reason)
        }
    }
}
