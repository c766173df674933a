import Primitives
import Testing

@Suite struct InstantTests {
    @Test func additionStopsAtTheClocksEnd() {
        let last = Instant(nanoseconds: .max)
        #expect(Instant(nanoseconds: .max - 1) + 5 == last)
        #expect(last + .seconds(.max) == last)
        #expect(Instant.zero + 5 == Instant(nanoseconds: 5_000_000))
    }

    @Test func differenceStopsAtZero() {
        let (early, late) = (Instant(nanoseconds: 3), Instant(nanoseconds: 10))
        #expect(late.since(early) == Milliseconds(nanoseconds: 7))
        #expect(early.since(late) == 0)
        #expect(early < late)
    }

    @Test func spansStopAtTheirLargest() {
        #expect(Milliseconds(.max) == Milliseconds(1 << 44))
        #expect(Milliseconds.seconds(.max) == Milliseconds.seconds(1 << 34))
        #expect(Milliseconds.seconds(2).whole == 2000)
        #expect(Milliseconds(nanoseconds: 1_999_999).whole == 1)
        #expect(Instant(nanoseconds: 1_999_999).milliseconds == 1)
    }
}
