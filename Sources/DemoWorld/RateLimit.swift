import Primitives

/// A bucket of `burst` permits that refills at `perSecond`.
struct RateLimit {
    private let burst: Double
    private let perSecond: Double
    private var permits: Double
    private var last: Instant

    init(burst: Double, perSecond: Double, at now: Instant) {
        self.burst = burst
        self.perSecond = perSecond
        permits = burst
        last = now
    }

    /// Takes a permit; false when there is none.
    mutating func allows(at now: Instant) -> Bool {
        permits = min(burst, permits + Double(now.since(last).nanoseconds) / 1e9 * perSecond)
        last = max(last, now)
        guard permits >= 1 else { return false }
        permits -= 1
        return true
    }
}
