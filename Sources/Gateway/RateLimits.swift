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

/// The limits of one session that are its own.
public struct SessionRates: Hashable, Sendable {
    public var toServer = RateLimit()
    public var toBrowser = RateLimit()

    public init() {}
}

/// A route's limits: for each of its sessions, and for all of them together.
public struct RateLimits: Hashable, Sendable {
    public var sessionToServer = RateLimit()
    public var sessionToBrowser = RateLimit()
    public var routeToServer = RateLimit()
    public var routeToBrowser = RateLimit()

    public init() {}

    /// What holds for a session with limits of its own; those of the route as a whole stay.
    func replaced(by own: SessionRates) -> RateLimits {
        var limits = self
        limits.sessionToServer = sessionToServer.replaced(by: own.toServer)
        limits.sessionToBrowser = sessionToBrowser.replaced(by: own.toBrowser)
        return limits
    }
}

/// A limit's buckets as they are now.
struct RateBuckets {
    private var messages: TokenBucket?
    private var bytes: TokenBucket?

    // Our choice.
    /// Of a second's worth, what reliable messages leave to unreliable ones: one part in so many.
    private static let reservedPart = 8
    /// Of the limit, what a reliable message that waits has at least.
    private static let fairPart = 4

    init(_ limit: RateLimit) {
        messages = limit.messages.map { TokenBucket(rate: $0, reserve: $0 / Self.reservedPart) }
        bytes = limit.bytes.map { TokenBucket(rate: $0, reserve: $0 / Self.reservedPart) }
    }

    mutating func allows(at now: Instant) -> Bool {
        // Both are filled, whatever the first says.
        let (isFew, isLittle) = (messages?.allows(at: now) ?? true, bytes?.allows(at: now) ?? true)
        return isFew && isLittle
    }

    /// Whether a message of `count` bytes leaves the reserve as it is; one that is too large for that, nothing but a debt.
    mutating func affords(bytes count: Int, at now: Instant) -> Bool {
        let (isFew, isLittle) = (messages?.affords(1, at: now) ?? true, bytes?.affords(count, at: now) ?? true)
        return isFew && isLittle
    }

    mutating func take(bytes count: Int) {
        messages?.take(1)
        bytes?.take(count)
    }

    var nextAllowed: Instant? {
        .later(messages?.nextAllowed, bytes?.nextAllowed)
    }

    /// In what time a message of `count` bytes would have been paid for out of a quarter of the limit.
    func fairWait(bytes count: Int) -> Milliseconds {
        max(messages?.timeToGain(Self.fairPart) ?? 0, bytes?.timeToGain(Self.fairPart * count) ?? 0)
    }

    func nextAffording(bytes count: Int) -> Instant? {
        .later(messages?.nextAffording(1), bytes?.nextAffording(count))
    }
}

/// What sessions have in common in one direction: each takes from the same buckets.
final class SharedRate {
    fileprivate(set) var buckets: RateBuckets

    init(_ limit: RateLimit) {
        buckets = RateBuckets(limit)
    }
}

/// What the sessions of a route have in common.
final class RouteRates {
    let toServer: SharedRate
    let toBrowser: SharedRate

    private var limits: RateLimits

    init(_ limits: RateLimits) {
        self.limits = limits
        toServer = SharedRate(limits.routeToServer)
        toBrowser = SharedRate(limits.routeToBrowser)
    }

    /// What stays as it was goes on as full as it is.
    func change(to new: RateLimits) {
        if new.routeToServer != limits.routeToServer { toServer.buckets = RateBuckets(new.routeToServer) }
        if new.routeToBrowser != limits.routeToBrowser { toBrowser.buckets = RateBuckets(new.routeToBrowser) }
        limits = new
    }
}

/// One direction of one session: its own buckets and the route's.
///
/// Unreliable messages need only something to be left. Reliable ones wait until they are paid for and leave an eighth of
/// a second's worth, so that a transfer that fills the limit does not crowd out state and voice. Where these would fill it
/// alone, a reliable one that waits has a quarter of it.
struct DirectionRate {
    private var own: RateBuckets
    /// The route's.
    private let shared: SharedRate
    /// The reliable message that waits for the limit.
    private var awaited: (bytes: Int, since: Instant)?

    static func toServer(_ limits: RateLimits, _ route: RouteRates) -> DirectionRate {
        DirectionRate(own: RateBuckets(limits.sessionToServer), shared: route.toServer)
    }

    static func toBrowser(_ limits: RateLimits, _ route: RouteRates) -> DirectionRate {
        DirectionRate(own: RateBuckets(limits.sessionToBrowser), shared: route.toBrowser)
    }

    private init(own: RateBuckets, shared: SharedRate) {
        self.own = own
        self.shared = shared
    }

    /// Whether a reliable message waits for the limit, and for nothing else.
    var isHoldingBack: Bool { awaited != nil }

    /// Whether a message of `count` bytes may cross now.
    mutating func allows(bytes count: Int, isReliable: Bool, at now: Instant) -> Bool {
        let isReliablesTurn = turn.map { $0 <= now } ?? false
        guard isReliable else { return isAnythingLeft(at: now) && !isReliablesTurn }
        let isAllowed = isReliablesTurn ? isAnythingLeft(at: now) : affords(bytes: count, at: now)
        awaited = isAllowed ? nil : (count, awaited?.since ?? now)
        return isAllowed
    }

    /// Notes that a message crossed.
    mutating func take(bytes: Int) {
        own.take(bytes: bytes)
        shared.buckets.take(bytes: bytes)
    }

    /// No reliable message waits, for whatever reason.
    mutating func noteNoneWaits() { awaited = nil }

    /// When to ask again; nil when anything may cross now. Others of the route may be faster.
    var nextAllowed: Instant? {
        let anything = Instant.later(own.nextAllowed, shared.buckets.nextAllowed)
        guard anything == nil, let awaited else { return anything }
        let others = shared.buckets.nextAffording(bytes: awaited.bytes)
        return .earlier(.later(own.nextAffording(bytes: awaited.bytes), others), turn)
    }

    /// From when on the reliable message that waits needs no more than the others.
    private var turn: Instant? {
        guard let awaited else { return nil }
        let others = shared.buckets.fairWait(bytes: awaited.bytes)
        return awaited.since + max(own.fairWait(bytes: awaited.bytes), others)
    }

    private mutating func isAnythingLeft(at now: Instant) -> Bool {
        let isMine = own.allows(at: now)
        return shared.buckets.allows(at: now) && isMine
    }

    private mutating func affords(bytes count: Int, at now: Instant) -> Bool {
        let isMine = own.affords(bytes: count, at: now)
        return shared.buckets.affords(bytes: count, at: now) && isMine
    }
}
