import SimulationSupport
import Testing

@testable import DTLS

@Suite struct ReplayWindowTests {
    @Test func theFirstNumberIsNewOnce() {
        var window = ReplayWindow()
        #expect(window.admits(0))
        window.note(0)
        #expect(!window.admits(0))
        #expect(window.admits(1))
    }

    /// RFC 6347 §4.1.2.6: the highest and the 63 below it; what is older is not taken.
    @Test func itIs64Wide() {
        var window = ReplayWindow()
        window.note(100)
        #expect(!window.admits(100) && window.admits(37) && !window.admits(36))
        window.note(37)
        #expect(!window.admits(37))
        window.note(101)
        #expect(!window.admits(37) && !window.admits(100) && window.admits(38))
    }

    @Test func aLeapForgetsWhatIsTooOldAndNothingElse() {
        for step in [1, 63, 64, 65, 1 << 40] as [UInt64] {
            var window = ReplayWindow()
            window.note(200)
            window.note(200 + step)
            #expect(!window.admits(200 + step) && !window.admits(200))
            #expect(window.admits(200 + step - 1) == (step > 1))
            #expect(window.admits(199) == (step < 63))
        }
        var window = ReplayWindow()
        window.note(RecordHeader.highestSequenceNumber)
        #expect(!window.admits(RecordHeader.highestSequenceNumber))
        #expect(window.admits(RecordHeader.highestSequenceNumber - 63))
        #expect(!window.admits(RecordHeader.highestSequenceNumber - 64))
    }

    /// Against a set of all numbers there were.
    @Test func itIsWhatASetSays() {
        for seed in 0..<50 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var window = ReplayWindow()
            var seen: Set<UInt64> = []
            var highest: UInt64 = 0
            for _ in 0..<2_000 {
                let centre = Int64(highest)
                let number = UInt64(max(0, centre + Int64.random(in: -80...8, using: &random)))
                let isInside = number > highest || highest - number < 64
                #expect(window.admits(number) == (isInside && !seen.contains(number)))
                guard random.chance(perMille: 800) else { continue }
                window.note(number)
                seen.insert(number)
                highest = max(highest, number)
            }
        }
    }
}
