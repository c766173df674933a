/// A rate with a burst of one second: tokens come evenly, and what is taken may leave a debt, so that one thing larger
/// than the burst passes, too, and is paid for afterwards.
public struct TokenBucket: Sendable {
    /// Tokens that come each second; also the most that are kept.
    public let rate: Int
    /// In billionths of a token, so that no rate loses anything to rounding.
    private var level: Int64
    private var filledAt: Instant?

    private static let unit: Int64 = 1_000_000_000
    /// Four billion a second fill the bucket within the range of `level`.
    public static let rates = 1...4_000_000_000

    public init(rate: Int) {
        precondition(Self.rates.contains(rate), "A token bucket fills at a rate of 1 to 4,000,000,000 a second.")
        self.rate = rate
        level = Int64(rate) * Self.unit
    }

    /// Whether anything may be taken now.
    public mutating func allows(at now: Instant) -> Bool {
        fill(at: now)
        return level > 0
    }

    public mutating func take(_ count: Int) {
        level -= Int64(count) * Self.unit
    }

    /// When something may be taken again; nil when it may now, as far as it was last filled.
    public var nextAllowed: Instant? {
        guard level <= 0, let filledAt else { return nil }
        return filledAt + Milliseconds(nanoseconds: UInt64(-level) / UInt64(rate) + 1)
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
