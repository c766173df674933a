import Primitives

/// One direction of one session: its own buckets, its route's, its source's and the gateway's. What crosses needs room in
/// all of them.
///
/// Unreliable messages need only something to be left. Reliable ones wait until they are paid for and leave an eighth of
/// a second's worth, so that a transfer that fills the limit does not crowd out state and voice. Where these would fill it
/// alone, a reliable one that waits has a quarter of it.
struct DirectionRate {
    /// Nil where the session has no limit of its own.
    private let own: SharedRate?
    private let route: SharedRate
    private var source: SharedRate?
    private let gateway: SharedRate
    /// Whether any of them has a limit. Where none has, none is looked at.
    private var isLimited: Bool
    /// The reliable message that waits for the limit.
    private var awaited: (bytes: Int, since: Instant)?

    static func toServer(_ limits: TrafficLimits, _ shared: SessionRates) -> DirectionRate {
        DirectionRate(
            SharedRate.limited(limits.toServer), shared.route.toServer, shared.source?.toServer, shared.gateway.toServer
        )
    }

    static func toBrowser(_ limits: TrafficLimits, _ shared: SessionRates) -> DirectionRate {
        DirectionRate(
            SharedRate.limited(limits.toBrowser), shared.route.toBrowser, shared.source?.toBrowser,
            shared.gateway.toBrowser)
    }

    private init(_ own: SharedRate?, _ route: SharedRate, _ source: SharedRate?, _ gateway: SharedRate) {
        self.own = own
        self.route = route
        self.source = source
        self.gateway = gateway
        isLimited = false
        noteLimitsChanged(source)
    }

    /// Those whose limits it shares may have others now.
    ///
    /// - Parameter source: its source's buckets; nil where it has no limit any more.
    mutating func noteLimitsChanged(_ source: SharedRate?) {
        self.source = source
        isLimited =
            own != nil || route.buckets.isLimited || gateway.buckets.isLimited || source?.buckets.isLimited == true
        if !isLimited { awaited = nil }
    }

    /// Whether a reliable message waits for the limit, and for nothing else.
    var isHoldingBack: Bool { awaited != nil }

    /// Whether a message of `count` bytes may cross now.
    mutating func allows(bytes count: Int, isReliable: Bool, at now: Instant) -> Bool {
        guard isLimited else { return true }
        let isReliablesTurn = turn.map { $0 <= now } ?? false
        guard isReliable else { return isAnythingLeft(at: now) && !isReliablesTurn }
        let isAllowed = isReliablesTurn ? isAnythingLeft(at: now) : affords(bytes: count, at: now)
        awaited = isAllowed ? nil : (count, awaited?.since ?? now)
        return isAllowed
    }

    /// Notes that a message crossed.
    mutating func take(bytes: Int) {
        guard isLimited else { return }
        own?.take(bytes: bytes)
        route.take(bytes: bytes)
        source?.take(bytes: bytes)
        gateway.take(bytes: bytes)
    }

    /// No reliable message waits, for whatever reason.
    mutating func noteNoneWaits() { awaited = nil }

    /// When to ask again; nil when anything may cross now. Others that share a limit may be faster.
    var nextAllowed: Instant? {
        guard isLimited else { return nil }
        let anything = latest { $0.nextAllowed }
        guard anything == nil, let awaited else { return anything }
        return .earlier(latest { $0.nextAffording(bytes: awaited.bytes) }, turn)
    }

    /// From when on the reliable message that waits needs no more than the others.
    private var turn: Instant? {
        guard let awaited else { return nil }
        var wait = max(route.buckets.fairWait(bytes: awaited.bytes), gateway.buckets.fairWait(bytes: awaited.bytes))
        if let own { wait = max(wait, own.buckets.fairWait(bytes: awaited.bytes)) }
        if let source { wait = max(wait, source.buckets.fairWait(bytes: awaited.bytes)) }
        return awaited.since + wait
    }

    /// What the last of all buckets says.
    private func latest(_ moment: (RateBuckets) -> Instant?) -> Instant? {
        let mine = Instant.later(own.flatMap { moment($0.buckets) }, source.flatMap { moment($0.buckets) })
        return .later(mine, .later(moment(route.buckets), moment(gateway.buckets)))
    }

    // All are filled, whatever the first says.

    private func isAnythingLeft(at now: Instant) -> Bool {
        let (isMine, isRoutes) = (own?.allows(at: now) ?? true, route.allows(at: now))
        let (isSources, isGateways) = (source?.allows(at: now) ?? true, gateway.allows(at: now))
        return isMine && isRoutes && isSources && isGateways
    }

    private func affords(bytes count: Int, at now: Instant) -> Bool {
        let (isMine, isRoutes) = (own?.affords(bytes: count, at: now) ?? true, route.affords(bytes: count, at: now))
        let isSources = source?.affords(bytes: count, at: now) ?? true
        let isGateways = gateway.affords(bytes: count, at: now)
        return isMine && isRoutes && isSources && isGateways
    }
}
