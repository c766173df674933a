import Primitives

/// How a gateway goes: how long it keeps its sessions, and how many of them it need not wait for.
public struct Departure: Equatable, Sendable {
    /// After this time the sessions that are left end; zero is at once.
    public var timeout: Milliseconds
    /// When no more than this many sessions are left, they end too.
    public var minimum: Int

    /// Nobody is waited for.
    public static let atOnce = Departure(timeout: 0, minimum: 0)

    public init(timeout: Milliseconds, minimum: Int = 0) {
        self.timeout = timeout
        self.minimum = minimum
    }
}

/// Whether a gateway takes players, and how far it is with letting those go whom it has.
public enum ServiceState: Equatable, Sendable {
    case serving
    /// No player is taken, and those who play go on, until the operator wants players again.
    case draining
    /// No player is taken any more. Those who play go on until `deadline`, or until no more than `minimum` are left.
    case departing(minimum: Int, deadline: Instant)
    /// The sessions that are left are told, and end.
    case stopping

    /// Players are taken again, or no more. A gateway that goes is not to be held up by it.
    mutating func toggleDrain() {
        switch self {
        case .serving: self = .draining
        case .draining: self = .serving
        case .departing, .stopping: break
        }
    }

    /// The same, whatever it was before.
    mutating func drain(_ isDraining: Bool) {
        switch self {
        case .serving, .draining: self = isDraining ? .draining : .serving
        case .departing, .stopping: break
        }
    }

    mutating func depart(_ departure: Departure, at now: Instant) {
        switch self {
        case .serving, .draining: self = .departing(minimum: departure.minimum, deadline: now + departure.timeout)
        case .departing, .stopping: break
        }
    }

    /// Whether a departure has come to its end with so many sessions left.
    func isDone(sessions: Int, at now: Instant) -> Bool {
        guard case .departing(let minimum, let deadline) = self else { return false }
        return sessions <= minimum || deadline <= now
    }

    /// When a departure ends, whoever is left then.
    var deadline: Instant? {
        if case .departing(_, let deadline) = self { deadline } else { nil }
    }

    /// Whether players are turned away while others play on.
    public var isDraining: Bool {
        switch self {
        case .draining, .departing: true
        case .serving, .stopping: false
        }
    }

    /// Why a player is not taken; nil while players are.
    var refusal: JoinRefusal? {
        switch self {
        case .serving: nil
        case .draining, .departing: .draining
        case .stopping: .stopping
        }
    }
}
