import Primitives

/// What all who join come to together, and what each source has: the limits that are not about one source's joins
/// (`JoinLimit`).
struct OverallLimits {
    private struct Source {
        var sessions = 0
        /// Nil where sources have no limit.
        var rates: SharedRates?
    }

    /// From the join of each source's first session to the end of its last; no more entries than sessions.
    private var sources: [TransportAddress: Source] = [:]
    /// Joins under way.
    private(set) var joining = 0
    private var pace: TokenBucket?
    /// What all sessions carry together.
    let rates: SharedRates

    init(_ rates: OverallRates) {
        self.rates = SharedRates(rates.gateway)
    }

    var sourceCount: Int { sources.count }

    /// Whether one more may join, of which nothing is counted yet but its place in this second.
    mutating func allow(
        _ source: TransportAddress?, by configuration: GatewayConfiguration, at now: Instant
    ) throws(JoinRefusal) {
        if let source, configuration.sessionLimitPerSource > 0 {
            guard sources[source]?.sessions ?? 0 < configuration.sessionLimitPerSource else { throw .tooManySessions }
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

    /// A session is there, and joining; what it shares with the others of its source.
    mutating func noteBegin(of source: TransportAddress?, _ limits: TrafficLimits) -> SharedRates? {
        joining += 1
        guard let source else { return nil }
        var entry = sources[source] ?? Source(rates: limits.isNone ? nil : SharedRates(limits))
        entry.sessions += 1
        sources[source] = entry
        return entry.rates
    }

    /// It is joining no more.
    mutating func noteJoined() { joining -= 1 }

    mutating func noteEnd(of source: TransportAddress?) {
        guard let source, var entry = sources[source] else { return }
        entry.sessions -= 1
        sources[source] = entry.sessions > 0 ? entry : nil
    }

    /// What sources share at this moment.
    func rates(of source: TransportAddress?) -> SharedRates? {
        source.flatMap { sources[$0]?.rates }
    }

    /// Other limits of what sessions carry. What stays as it was goes on as full as it is.
    mutating func change(to new: OverallRates) {
        rates.change(to: new.gateway)
        for source in sources.keys {
            if new.source.isNone {
                sources[source]?.rates = nil
            } else if let rates = sources[source]?.rates {
                rates.change(to: new.source)
            } else {
                sources[source]?.rates = SharedRates(new.source)
            }
        }
    }
}
