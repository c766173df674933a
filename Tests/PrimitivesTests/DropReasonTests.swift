import Primitives
import Testing

@Suite struct DropReasonTests {
    @Test func countsAreKeptApart() {
        var counters = DropCounters()
        counters.count(.stunMalformed)
        counters.count(.stunMalformed, times: 2)
        counters.count(.messageStale)
        #expect(counters[.stunMalformed] == 3)
        #expect(counters.total == 4)
        #expect(counters.nonZero.map(\.reason) == [.stunMalformed, .messageStale])
    }

    @Test func labelsAreDistinct() {
        #expect(Set(DropReason.allCases.map(\.label)).count == DropReason.allCases.count)
        #expect(DropReason.stunMalformed.label == "stunMalformed")
    }
}
