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

    @Test func neverIsLaterThanAnything() {
        let (early, late) = (Instant(nanoseconds: 3), Instant(nanoseconds: 10))
        #expect(Instant.earlier(late, early) == early && Instant.earlier(early, late) == early)
        #expect(Instant.earlier(nil, late) == late && Instant.earlier(early, nil) == early)
        #expect(Instant.earlier(nil, nil) == nil)
        #expect(Instant.later(late, early) == late && Instant.later(early, late) == late)
        #expect(Instant.later(nil, late) == late && Instant.later(early, nil) == early)
        #expect(Instant.later(nil, nil) == nil)
    }

    @Test func spansStopAtTheirLargest() {
        #expect(Milliseconds(.max) == Milliseconds(1 << 44))
        #expect(Milliseconds.seconds(.max) == Milliseconds.seconds(1 << 34))
        #expect(Milliseconds.seconds(2).whole == 2000)
        #expect(Milliseconds(nanoseconds: 1_999_999).whole == 1)
        #expect(Instant(nanoseconds: 1_999_999).milliseconds == 1)
    }
}
