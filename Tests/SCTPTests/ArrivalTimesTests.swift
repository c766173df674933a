import Primitives
import Testing

@testable import SCTP

@Suite struct ArrivalTimesTests {
    private let start = Instant(nanoseconds: 5_000_000_000)

    private func times(_ arrivals: [(UInt32, UInt64)]) -> ArrivalTimes {
        var times = ArrivalTimes()
        for (tsn, after) in arrivals { times.note(tsn, at: start + Milliseconds(after)) }
        return times
    }

    private func arrival(_ tsn: UInt32, _ times: ArrivalTimes) -> UInt64? {
        times.arrival(of: tsn).map { $0.since(start).whole }
    }

    @Test func aMessageIsAsLateAsTheFirstThatCameAfterIt() {
        let times = times([(1, 0), (2, 50), (4, 100), (5, 150), (3, 300)])
        #expect(arrival(1, times) == 0)
        #expect(arrival(2, times) == 50)
        #expect(arrival(3, times) == 100)
        #expect(arrival(4, times) == 100)
        #expect(arrival(5, times) == 150)
        #expect(arrival(6, times) == nil)
        #expect(arrival(1, ArrivalTimes()) == nil)
    }

    @Test func numbersWrapAround() {
        let times = times([(0xFFFF_FFFE, 0), (1, 50)])
        #expect(arrival(0xFFFF_FFFE, times) == 0)
        #expect(arrival(0xFFFF_FFFF, times) == 50)
        #expect(arrival(0, times) == 50)
        #expect(arrival(2, times) == nil)
    }

    @Test func itKeepsHalfASecondAndNoMore() {
        let many = times((0..<10_000).map { (UInt32($0), UInt64($0)) })
        // Steps of 10 ms, so up to that much earlier than it was.
        #expect((9_980...9_990).contains(arrival(9_990, many) ?? 0))
        // What is older than all that is kept is at least as old as the oldest.
        let oldest = arrival(0, many) ?? 0
        #expect((9_480...9_500).contains(oldest))
        #expect(MemoryLayout.size(ofValue: many) <= 16)
    }
}
