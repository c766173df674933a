/// How often a quantity fell into each of some ranges, and the sum of all: what a histogram of Prometheus is made of.
public struct Histogram: Equatable, Sendable {
    /// The ranges' inclusive upper bounds, ascending, in the quantity's unit.
    public let bounds: [UInt64]
    /// How often the quantity was in each range; the last is for what exceeds all bounds.
    public private(set) var counts: [UInt64]
    public private(set) var sum: UInt64 = 0

    public init(bounds: [UInt64]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "A histogram's bounds ascend.")
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: UInt64 { counts.reduce(0, &+) }

    public mutating func note(_ value: UInt64) {
        var range = 0
        while range < bounds.count, value > bounds[range] { range += 1 }
        counts[range] &+= 1
        sum &+= value
    }

    /// Notes a time, in nanoseconds.
    public mutating func note(_ span: Milliseconds) {
        note(span.nanoseconds)
    }
}

extension Histogram {
    /// For times, with bounds in microseconds.
    public init(microseconds bounds: [UInt64]) {
        self.init(bounds: bounds.map { $0 * 1_000 })
    }
}
