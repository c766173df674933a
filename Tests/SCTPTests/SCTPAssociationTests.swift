import Primitives
import SimulationSupport
import Testing

@testable import SCTP

@Suite(.onTheSCTPStack) struct SCTPAssociationTests {
    @Test func comesUp() throws {
        let pair = try SCTPPair.connected()
        #expect(pair.left.events == ["established 1024 1024"])
        #expect(pair.right.events == ["established 1024 1024"])
    }

    /// RFC 8831 §5: sealed by DTLS, no packet may exceed 1,200 bytes.
    @Test func packetsFitARecord() throws {
        let pair = try SCTPPair.connected()
        var largest = 0
        pair.losesFromLeft = {
            largest = max(largest, $0.count)
            return false
        }
        #expect(pair.sendLeft([UInt8](repeating: 7, count: 20_000)) == .accepted)
        for _ in 0..<40 { #expect(pair.sendLeft([UInt8](repeating: 8, count: 100)) == .accepted) }
        pair.run(for: 1_000)
        #expect(pair.right.messages.count == 41)
        #expect(largest <= Int(SCTPAssociation.packetSize))
        #expect(largest > Int(SCTPAssociation.packetSize) - 40)
    }

    /// A burst beyond the congestion window: its tail must leave too, without anything being sent after it.
    @Test(arguments: 1...20) func theTailOfABurstLeaves(seed: UInt64) throws {
        let pair = try SCTPPair.connected(seed: seed)
        var random = SeededRandom(seed: seed)
        var count = 0
        for _ in 0..<30 {
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let size = random.chance(perMille: 100) ? 60_000 : Int.random(in: 5...1_200, using: &random)
                #expect(
                    pair.sendLeft(random.bytes(size), stream: [1, 6].randomElement(using: &random) ?? 1) == .accepted)
                count += 1
            }
            pair.run(for: 40)
        }
        pair.run(for: 10_000)
        #expect(pair.right.messages.count == count)
        #expect(pair.left.association.sendBuffer()?.queued == 0)
    }

    @Test(arguments: [1, 1_000, 65_536, 262_144]) func messagesArriveWhole(size: Int) throws {
        let pair = try SCTPPair.connected()
        var random = SeededRandom(seed: 2)
        let bytes = random.bytes(size)
        #expect(pair.sendLeft(bytes, stream: 1023, identifier: 51, unordered: true) == .accepted)
        pair.run(for: 5_000) { !pair.right.messages.isEmpty }
        #expect(
            pair.right.messages == [.init(stream: 1023, identifier: 51, isUnordered: true, payload: bytes)])
    }

    /// A small message's memory waits for the next; there are thousands of associations, so a large one's must not.
    @Test func aLargeMessageLeavesNoMemory() throws {
        let pair = try SCTPPair.connected()
        #expect(pair.sendLeft([UInt8](repeating: 7, count: 100_000)) == .accepted)
        pair.run(for: 5_000) { !pair.right.messages.isEmpty }
        #expect(pair.left.association.heldPayload.capacity == 0)
        #expect(pair.sendLeft([UInt8](repeating: 7, count: 100)) == .accepted)
        pair.run(for: 1_000)
        #expect(pair.left.association.heldPayload.isEmpty)
        #expect((100...1_000).contains(pair.left.association.heldPayload.capacity))
    }

    @Test func aMessageAboveTheLimitEndsTheAssociation() throws {
        let pair = try SCTPPair.connected(maximumMessageSize: 100_000)
        #expect(pair.sendLeft([UInt8](repeating: 1, count: 100_000)) == .accepted)
        pair.run(for: 2_000)
        #expect(pair.right.messages.count == 1)
        #expect(pair.sendLeft([UInt8](repeating: 1, count: 100_001)) == .accepted)
        pair.run(for: 2_000)
        #expect(pair.right.messages.count == 1)
        #expect(pair.right.ended == .messageTooLarge)
        #expect(pair.left.ended == .abortedByPeer(cause: 12))
    }

    @Test func streamsThatWereNotAgreedOnAreRefused() throws {
        let pair = try SCTPPair.connected()
        #expect(pair.sendLeft([1], stream: 1023) == .accepted)
        pair.run(for: 200)
        #expect(pair.sendLeft([1], stream: 1024) == .refused)
    }

    @Test func nothingIsSentBeforeItIsUp() throws {
        let pair = try SCTPPair()
        #expect(pair.sendLeft([1]) == .refused)
    }

    /// RFC 3758: reliable messages survive any loss, in order.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func reliableSurvivesLoss(seed: UInt64) throws {
        let pair = try SCTPPair.connected(seed: seed)
        pair.loss = 150
        for number in 0..<100 as Range<UInt8> {
            #expect(pair.sendLeft([UInt8](repeating: number, count: 200), unordered: false) == .accepted)
            pair.run(for: 5)
        }
        pair.run(for: 60_000) { pair.right.messages.count == 100 }
        #expect(pair.right.messages.map { $0.payload[0] } == Array(0..<100))
    }

    /// Lost once, each is given up or sent again, as its reliability says.
    @Test(arguments: [
        (PartialReliability.reliable, true), (.retransmissions(0), false), (.retransmissions(1), true),
        (.lifetime(1), false), (.lifetime(10_000), true),
    ]) func reliabilityIsKept(reliability: PartialReliability, arrives: Bool) throws {
        for unordered in [true, false] {
            let pair = try SCTPPair.connected()
            var lost = 0
            pair.losesFromLeft = { packet in
                // The first DATA chunk of the message's own stream.
                guard lost == 0, packet.count > 30, packet[12] == 0, packet[21] == 5 else { return false }
                lost += 1
                return true
            }
            #expect(pair.sendLeft([1, 2, 3], stream: 5, unordered: unordered, reliability) == .accepted)
            pair.run(for: 5_000)
            #expect(lost == 1)
            #expect(pair.right.messages.map(\.payload) == (arrives ? [[1, 2, 3]] : []))
            pair.losesFromLeft = nil
            // What was given up holds up nothing that follows.
            #expect(pair.sendLeft([4], stream: 5) == .accepted)
            pair.run(for: 5_000)
            #expect(pair.right.messages.last?.payload == [4])
            #expect(pair.left.association.sendBuffer()?.queued == 0)
        }
    }

    /// A large message given up when its beginning was handed over already (usrsctp does from 128 KiB on) must not
    /// leave that beginning in the next message.
    @Test(arguments: [(30, 1), (160, 1), (160, 2), (205, 1)] as [(Int, UInt16)])
    func anAbandonedMessageLeavesNothing(lost: Int, nextStream: UInt16) throws {
        let pair = try SCTPPair.connected()
        var count = 0
        pair.losesFromLeft = { _ in
            count += 1
            return count == lost
        }
        #expect(pair.sendLeft([UInt8](repeating: 1, count: 240_000), stream: 1, .retransmissions(0)) == .accepted)
        pair.run(for: 10_000)
        #expect(count > lost)
        #expect(pair.sendLeft([UInt8](repeating: 2, count: 1_000), stream: nextStream) == .accepted)
        #expect(pair.sendLeft([UInt8](repeating: 3, count: 200_000), stream: 1) == .accepted)
        pair.run(for: 10_000)
        #expect(pair.right.messages.map(\.payload.count) == [1_000, 200_000])
        #expect(pair.right.messages.map(\.payload.first) == [2, 3])
    }

    @Test func abortCarriesItsReason() throws {
        let pair = try SCTPPair.connected()
        pair.left.association.abort(reason: "The game server left.")
        var packets: [[UInt8]] = []
        pair.left.association.outgoing.forEach { packets.append(Array($0)) }
        let abort = try #require(packets.last)
        #expect(abort[12] == 6)
        #expect(String(decoding: abort, as: UTF8.self).contains("The game server left."))
        pair.run(for: 500)
        #expect(pair.left.ended == .abortedHere)
        // RFC 9260 §3.3.10.12: user-initiated abort.
        #expect(pair.right.ended == .abortedByPeer(cause: 12))
        #expect(pair.sendLeft([1]) == .refused)
        pair.left.association.abort(reason: "again")
        #expect(pair.left.association.outgoing.isEmpty)
    }

    @Test func aPeerThatIsGoneTimesOut() throws {
        let pair = try SCTPPair.connected()
        pair.loss = 1_000
        #expect(pair.sendLeft([1]) == .accepted)
        pair.run(for: 60_000) { pair.left.ended != nil }
        #expect(pair.left.ended == .timedOut)
    }

    /// Not reading closes the window: the other side's messages wait where they are, and come when there is room.
    @Test func notReadingMakesThePeerWait() throws {
        let pair = try SCTPPair.connected()
        pair.right.reads = false
        var accepted = 0
        for _ in 0..<100 {
            if pair.sendLeft([UInt8](repeating: 1, count: 10_000)) == .accepted { accepted += 1 }
            pair.run(for: 100)
        }
        #expect((70...95).contains(accepted))
        pair.right.reads = true
        pair.run(for: 60_000) { pair.right.messages.count == accepted }
        #expect(pair.right.messages.count == accepted)
    }

    @Test func nothingOfAnAssociationStays() throws {
        let before = SCTPStack.shared.associationCount
        do {
            let pair = try SCTPPair.connected()
            #expect(SCTPStack.shared.associationCount == before + 2)
            _ = pair.sendLeft([1])
        }
        #expect(SCTPStack.shared.associationCount == before)
        #expect(before > 0 || SCTPStack.shared.nextDeadline == nil)
    }
}
