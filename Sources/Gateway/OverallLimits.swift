import Primitives

/// What all who join come to together, and how many sessions each source has: the limits that are not about one source's
/// joins (`JoinLimit`).
struct OverallLimits {
    /// Sessions of each source, from join to end; no more entries than sessions.
    private var sessions: [TransportAddress: Int] = [:]
    /// Joins under way.
    private(set) var joining = 0
    private var pace: TokenBucket?

    var sourceCount: Int { sessions.count }

    /// Whether one more may join, of which nothing is counted yet but its place in this second.
    mutating func allow(
        _ source: TransportAddress?, by configuration: GatewayConfiguration, at now: Instant
    ) throws(JoinRefusal) {
        if let source, configuration.sessionLimitPerSource > 0 {
            guard sessions[source, default: 0] < configuration.sessionLimitPerSource else { throw .tooManySessions }
        }
        guard configuration.joiningLimit == 0 || joining < configuration.joiningLimit,
            isInTime(configuration.joinsPerSecond, at: now)
        else { throw .tooManyJoinsOverall }
    }

    private mutating func isInTime(_ rate: Int, at now: Instant) -> Bool {
        guard rate > 0 else { return true }
        // A new limit begins full.
        if pace?.rate != rate { pace = TokenBucket(rate: rate) }
        guard pace?.affords(1, at: now) == true else { return false }
        pace?.take(1)
        return true
    }

    /// A session is there, and joining.
    mutating func noteBegin(of source: TransportAddress?) {
        joining += 1
        if let source { sessions[source, default: 0] += 1 }
    }

    /// It is joining no more.
    mutating func noteJoined() { joining -= 1 }

    mutating func noteEnd(of source: TransportAddress?) {
        guard let source, let count = sessions[source] else { return }
        sessions[source] = count > 1 ? count - 1 : nil
    }
}
