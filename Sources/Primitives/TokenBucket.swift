/// A rate with a burst of one second: tokens come evenly, and what is taken may leave a debt, so that one thing larger
/// than the burst passes, too, and is paid for afterwards.
public struct TokenBucket: Sendable {
    /// Tokens that come each second; also the most that are kept.
    public let rate: Int
    /// What `affords` leaves.
    private let reserve: Int
    /// In billionths of a token, so that no rate loses anything to rounding.
    private var level: Int64
    private var filledAt: Instant?

    private static let unit: Int64 = 1_000_000_000
    /// Four billion a second fill the bucket within the range of `level`.
    public static let rates = 1...4_000_000_000

    public init(rate: Int, reserve: Int = 0) {
        precondition(Self.rates.contains(rate), "A token bucket fills at a rate of 1 to 4,000,000,000 a second.")
        self.rate = rate
        self.reserve = reserve
        level = Int64(rate) * Self.unit
    }

    /// Whether anything may be taken now.
    public mutating func allows(at now: Instant) -> Bool {
        fill(at: now)
        return level > 0
    }

    /// Whether `count` tokens are there beside the reserve, or as many as are ever kept.
    public mutating func affords(_ count: Int, at now: Instant) -> Bool {
        fill(at: now)
        return level >= price(of: count)
    }

    public mutating func take(_ count: Int) {
        level -= Int64(count) * Self.unit
    }

    /// When something may be taken again; nil when it may now, as far as it was last filled.
    public var nextAllowed: Instant? {
        guard level <= 0, let filledAt else { return nil }
        return filledAt + Milliseconds(nanoseconds: UInt64(-level) / UInt64(rate) + 1)
    }

    /// When it will `affords` that; nil when it does now, as far as it was last filled.
    public func nextAffording(_ count: Int) -> Instant? {
        let missing = price(of: count) - level
        guard missing > 0, let filledAt else { return nil }
        return filledAt + Milliseconds(nanoseconds: UInt64(missing) / UInt64(rate) + 1)
    }

    /// In what time so many tokens come, whatever is there now.
    public func timeToGain(_ count: Int) -> Milliseconds {
        Milliseconds(nanoseconds: UInt64(Int64(count) * Self.unit) / UInt64(rate))
    }

    private func price(of count: Int) -> Int64 {
        Int64(min(count + reserve, rate)) * Self.unit
    }

    private mutating func fill(at now: Instant) {
        let full = Int64(rate) * Self.unit
        defer { filledAt = max(filledAt ?? now, now) }
        guard let filledAt, now > filledAt else { return }
        // A second fills it from nothing; a debt may take longer.
        let elapsed = Int64(clamping: now.since(filledAt).nanoseconds)
        let (gain, isMuch) = elapsed.multipliedReportingOverflow(by: Int64(rate))
        level = isMuch || gain >= full - level ? full : level + gain
    }
}
