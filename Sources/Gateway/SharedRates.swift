import Primitives

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

    /// Whether there is a limit at all.
    var isLimited: Bool { messages != nil || bytes != nil }

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

    /// Nil where there is no limit.
    static func limited(_ limit: RateLimit) -> SharedRate? {
        limit == RateLimit() ? nil : SharedRate(limit)
    }

    func allows(at now: Instant) -> Bool { buckets.allows(at: now) }
    func affords(bytes: Int, at now: Instant) -> Bool { buckets.affords(bytes: bytes, at: now) }
    func take(bytes: Int) { buckets.take(bytes: bytes) }
}

/// What sessions have in common in both: those of a route, those of one source, or all.
final class SharedRates {
    let toServer: SharedRate
    let toBrowser: SharedRate

    private var limits: TrafficLimits

    init(_ limits: TrafficLimits) {
        self.limits = limits
        toServer = SharedRate(limits.toServer)
        toBrowser = SharedRate(limits.toBrowser)
    }

    /// What stays as it was goes on as full as it is.
    func change(to new: TrafficLimits) {
        if new.toServer != limits.toServer { toServer.buckets = RateBuckets(new.toServer) }
        if new.toBrowser != limits.toBrowser { toBrowser.buckets = RateBuckets(new.toBrowser) }
        limits = new
    }
}

/// All whose limits a session shares.
struct SessionRates {
    let route: SharedRates
    /// Those of its source; nil where sources have no limit, or it is none that is counted.
    var source: SharedRates?
    let gateway: SharedRates
}
