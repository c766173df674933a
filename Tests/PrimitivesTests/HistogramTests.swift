import Primitives
import Testing

@Suite struct HistogramTests {
    /// A bound belongs to its range, as Prometheus' `le` says.
    @Test func aBoundBelongsToTheRangeBelowIt() {
        var histogram = Histogram(bounds: [0, 10, 100])
        for value in [0, 1, 10, 11, 100, 101, 5_000] as [UInt64] { histogram.note(value) }
        #expect(histogram.counts == [1, 2, 2, 2])
        #expect(histogram.count == 7)
        #expect(histogram.sum == 5_223)
    }

    @Test func timesAreNotedInNanoseconds() {
        var histogram = Histogram(microseconds: [1_000, 5_000])
        histogram.note(5 as Milliseconds)
        histogram.note(Milliseconds(nanoseconds: 5_000_001))
        #expect(histogram.bounds == [1_000_000, 5_000_000])
        #expect(histogram.counts == [0, 1, 1])
        #expect(histogram.sum == 10_000_001)
    }
}
