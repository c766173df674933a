/// A point on the core's clock: nanoseconds since an arbitrary start that never changes while the process runs.
///
/// The core never reads a clock. The shell passes the monotonic clock's value, a simulation passes its own.
public struct Instant: Hashable, Comparable, Sendable {
    public var nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = Instant(nanoseconds: 0)

    /// Whole milliseconds since the clock's start, rounded down.
    @inlinable
    public var milliseconds: UInt64 { nanoseconds / 1_000_000 }

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Later by `span`; a negative span counts as zero, and the sum stops at the clock's end.
    @inlinable
    public static func + (instant: Instant, span: Milliseconds) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return Instant(nanoseconds: overflow ? .max : sum)
    }

    /// The earlier of two, where nil is never.
    @inlinable
    public static func earlier(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// The later of two, where nil is no time at all.
    @inlinable
    public static func later(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return max(one, other)
    }

    /// The time from `earlier` to this instant; zero when `earlier` is in fact later.
    @inlinable
    public func since(_ earlier: Instant) -> Milliseconds {
        Milliseconds(nanoseconds: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }
}

/// A span of time. Written in milliseconds, kept in nanoseconds.
public struct Milliseconds: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
    public var nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// A whole number of milliseconds; 2^44 (over 500 years) at most.
    @inlinable
    public init(_ milliseconds: UInt64) {
        nanoseconds = min(milliseconds, 1 << 44) * 1_000_000
    }

    @inlinable
    public init(integerLiteral milliseconds: UInt64) {
        self.init(milliseconds)
    }

    @inlinable
    public static func seconds(_ seconds: UInt64) -> Milliseconds {
        Milliseconds(min(seconds, 1 << 34) * 1000)
    }

    /// Whole milliseconds, rounded down.
    @inlinable
    public var whole: UInt64 { nanoseconds / 1_000_000 }

    @inlinable
    public static func < (left: Milliseconds, right: Milliseconds) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
