import Primitives

/// The most that may cross in a second; nil is no limit.
public struct RateLimit: Hashable, Sendable {
    public var messages: Int?
    public var bytes: Int?

    public init(messages: Int? = nil, bytes: Int? = nil) {
        self.messages = messages
        self.bytes = bytes
    }
}

extension RateLimit {
    /// The same with what another one says in its place.
    func replaced(by other: RateLimit) -> RateLimit {
        RateLimit(messages: other.messages ?? messages, bytes: other.bytes ?? bytes)
    }
}

/// A limit for each direction.
public struct TrafficLimits: Hashable, Sendable {
    public var toServer = RateLimit()
    public var toBrowser = RateLimit()

    public init() {}

    /// Whether there is no limit at all.
    var isNone: Bool { self == TrafficLimits() }

    /// What holds where some are another's own.
    func replaced(by own: TrafficLimits) -> TrafficLimits {
        var limits = self
        limits.toServer = toServer.replaced(by: own.toServer)
        limits.toBrowser = toBrowser.replaced(by: own.toBrowser)
        return limits
    }
}

/// A route's limits.
public struct RateLimits: Hashable, Sendable {
    /// For each of its sessions; a session may have others of its own.
    public var session = TrafficLimits()
    /// For all of them together.
    public var route = TrafficLimits()

    public init() {}
}

/// The limits that are no route's: what sessions of one source, and all sessions, may carry together.
public struct OverallRates: Hashable, Sendable {
    public var source = TrafficLimits()
    public var gateway = TrafficLimits()

    public init() {}
}
