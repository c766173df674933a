import Primitives
import SimulationSupport
import Testing

@testable import Gateway

@Suite struct DeadlineHeapTests {
    private func slot(_ index: Int) -> SessionSlot { SessionSlot(index: index, generation: 0) }

    /// Against a dictionary that is searched.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func behavesLikeADictionary(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var heap = DeadlineHeap()
        var model: [SessionSlot: Instant] = [:]
        var now = Instant(nanoseconds: 0)
        for _ in 0..<5_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let slot = slot(Int.random(in: 0..<40, using: &random))
                let deadline = now + Milliseconds(UInt64.random(in: 0...200, using: &random))
                heap.set(deadline, for: slot)
                model[slot] = deadline
            case 6:
                let slot = slot(Int.random(in: 0..<40, using: &random))
                heap.set(nil, for: slot)
                model[slot] = nil
            default:
                now = now + Milliseconds(UInt64.random(in: 0...20, using: &random))
                while let slot = heap.popExpired(at: now) {
                    let deadline = model.removeValue(forKey: slot)
                    #expect(deadline != nil && deadline! <= now)
                }
                #expect(model.values.allSatisfy { $0 > now })
            }
            #expect(heap.earliest == model.values.min())
            #expect(heap.count == model.count)
        }
    }

    @Test func expiredComeInOrderOfTime() {
        var random = SeededRandom(seed: 1)
        var heap = DeadlineHeap()
        for index in 0..<500 { heap.set(Instant(nanoseconds: random.next() >> 1), for: slot(index)) }
        var last = Instant.zero
        while let next = heap.earliest {
            #expect(next >= last)
            last = next
            #expect(heap.popExpired(at: next) != nil)
        }
        #expect(heap.count == 0)
    }
}

@Suite struct PeerIDsTests {
    @Test func idsAreClaimedOnce() throws {
        var random = SeededRandom(seed: 1)
        var ids = PeerIDs()
        #expect(try ids.claim(2, using: &random) == 2)
        #expect(try ids.claim(2_147_483_647, using: &random) == 2_147_483_647)
        #expect(throws: JoinRefusal.peerIDTaken(2)) { try ids.claim(2, using: &random) }
        ids.release(2)
        #expect(try ids.claim(2, using: &random) == 2)
        for wrong in [0, 1, 2_147_483_648, .max] as [UInt32] {
            #expect(throws: JoinRefusal.peerIDOutOfRange) { try ids.claim(wrong, using: &random) }
        }
    }

    @Test func withoutAWishAFreeOneIsGiven() throws {
        var random = SeededRandom(seed: 1)
        var ids = PeerIDs()
        var given: Set<UInt32> = []
        for _ in 0..<1_000 { given.insert(try ids.claim(nil, using: &random)) }
        #expect(given.count == 1_000 && ids.count == 1_000)
        #expect(given.allSatisfy { PeerIDs.range.contains($0) })
        // A generator that says the same again is asked again.
        var same = SeededRandom(seed: 1)
        #expect(!given.contains(try ids.claim(nil, using: &same)))
    }
}

@Suite struct SCTPPortsTests {
    @Test func everyPortOnceAndAgainAfterRelease() {
        var ports = SCTPPorts()
        var claimed: Set<UInt16> = []
        while let port = ports.claim() { claimed.insert(port) }
        #expect(claimed.count == 65_536 - 1_024)
        #expect(claimed.min() == 1_024)
        ports.release(30_000)
        #expect(ports.claim() == 30_000)
        #expect(ports.claim() == nil)
    }

    @Test func aReleasedPortRestsForAWhile() {
        var ports = SCTPPorts()
        let first = ports.claim()
        first.map { ports.release($0) }
        #expect(ports.claim() != first)
    }
}

@Suite struct EndedSessionsTests {
    @Test func onlyTheLatestAreRemembered() {
        var random = SeededRandom(seed: 1)
        var ended = EndedSessions()
        let ids = (0..<EndedSessions.limit + 10).map { _ in SessionID(using: &random) }
        for id in ids { ended.append(id, .playerLeft) }
        #expect(ids.prefix(10).allSatisfy { ended[$0] == nil })
        #expect(ids.dropFirst(10).allSatisfy { ended[$0] == .playerLeft })
    }
}

@Suite struct SessionIDTests {
    @Test func textAndBack() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<100 {
            let id = SessionID(using: &random)
            #expect(SessionID(id.description) == id)
            #expect(id.description.hasPrefix(id.shortened) && id.shortened.count == 8)
        }
        let text = String(repeating: "0a", count: 16)
        #expect(SessionID(text) != nil)
        for wrong in ["", text + "0", String(text.dropLast()), text.uppercased(), "+" + text.dropFirst(), "é" + text] {
            #expect(SessionID(wrong) == nil, "\(wrong)")
        }
    }
}

@Suite struct StallTests {
    @Test func onlyStandingStillCounts() {
        var stall = Stall()
        let start = Instant(nanoseconds: 0)
        _ = stall.note(isWaiting: false, carried: 0, at: start)
        #expect(stall.since == nil)
        _ = stall.note(isWaiting: true, carried: 5, at: start + 1)
        _ = stall.note(isWaiting: true, carried: 5, at: start + 9)
        #expect(stall.since == start + 1)
        _ = stall.note(isWaiting: true, carried: 6, at: start + 10)
        #expect(stall.since == start + 10)
        _ = stall.note(isWaiting: false, carried: 6, at: start + 11)
        #expect(stall.since == nil)
    }

    /// Once when it has lasted, and once when it is over: by progress, or because nothing waits any more.
    @Test(arguments: [(true, 6), (false, 5)]) func whatLastsIsToldOnce(isWaiting: Bool, carried: UInt64) {
        var stall = Stall()
        let start = Instant(nanoseconds: 0)
        #expect(stall.note(isWaiting: true, carried: 5, at: start) == nil)
        #expect(stall.note(isWaiting: true, carried: 5, at: start + 1_999) == nil)
        #expect(stall.note(isWaiting: true, carried: 5, at: start + 2_000) == .began)
        #expect(stall.note(isWaiting: true, carried: 5, at: start + 3_000) == nil)
        #expect(stall.note(isWaiting: isWaiting, carried: carried, at: start + 4_000) == .ended)
        #expect(stall.note(isWaiting: isWaiting, carried: carried, at: start + 4_001) == nil)
    }
}
