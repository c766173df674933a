import Primitives
import SimulationSupport
import Testing

@testable import SCTP

/// Associations that are set up without a packet of theirs (draft-hancke-tsvwg-snap).
@Suite(.onTheSCTPStack) struct SNAPTests {
    @Test func bothSidesAreUpAtOnce() throws {
        let pair = try SCTPPair.accelerated()
        pair.run(for: 0)
        #expect(pair.left.events == ["established 1024 1024"])
        #expect(pair.right.events == ["established 1024 1024"])
        #expect(pair.packetsFromLeft == 0)
    }

    @Test(arguments: [1, 1_000, 65_536, 262_144]) func messagesArriveWhole(size: Int) throws {
        let pair = try SCTPPair.accelerated()
        pair.run(for: 0)
        var random = SeededRandom(seed: 2)
        let message = random.bytes(size)
        pair.loss = 20
        #expect(pair.sendLeft(message, stream: 259) == .accepted)
        pair.run(for: 20_000) { !pair.right.messages.isEmpty }
        #expect(pair.right.messages.map(\.payload) == [message])
    }

    @Test func streamsAreResetAndAbortsArrive() throws {
        let pair = try SCTPPair.accelerated()
        pair.run(for: 0)
        #expect(pair.sendLeft([1], stream: 3) == .accepted)
        pair.run(for: 500)
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 500)
        #expect(pair.right.events.contains("incoming reset [3]"))
        #expect(pair.sendLeft([2], stream: 3, .retransmissions(0)) == .accepted)
        pair.run(for: 500)
        #expect(pair.right.messages.map(\.payload) == [[1], [2]])
        pair.left.association.abort(reason: "bye")
        pair.run(for: 500)
        #expect(pair.right.ended == .abortedByPeer(cause: 12))
    }

    /// A message given up leaves no gap: FORWARD TSN was agreed on without a packet too.
    @Test func partialReliabilityIsAgreedOn() throws {
        let pair = try SCTPPair.accelerated()
        pair.run(for: 0)
        pair.losesFromLeft = { _ in true }
        #expect(pair.sendLeft([1], stream: 5, .retransmissions(0)) == .accepted)
        pair.run(for: 200)
        pair.losesFromLeft = nil
        #expect(pair.sendLeft([2], stream: 5) == .accepted)
        pair.run(for: 5_000)
        #expect(pair.right.messages.map(\.payload) == [[2]])
        #expect(pair.left.association.sendBuffer()?.queued == 0)
    }

    /// While ICE and DTLS take their time, nothing is sent and nothing runs out; then data goes at once.
    @Test func waitingCostsNothing() throws {
        let pair = try SCTPPair.accelerated()
        pair.run(for: .seconds(60))
        #expect(pair.packetsFromLeft == 0)
        #expect(pair.left.ended == nil && pair.right.ended == nil)
        #expect(pair.sendLeft([9]) == .accepted)
        pair.run(for: 20)
        #expect(pair.right.messages.map(\.payload) == [[9]])
    }

    /// The forged packets take no time, and that must not count as the path's round trip: on one of 400 ms the first
    /// message would be sent twice.
    @Test func theFirstTimeoutIsTheInitialOne() throws {
        let pair = try SCTPPair.accelerated()
        pair.delay = 200
        pair.run(for: 0)
        #expect(pair.sendLeft([1]) == .accepted)
        pair.run(for: 450)
        #expect(pair.right.messages.count == 1)
        #expect(pair.packetsFromLeft == 1)
    }

    /// Whatever an INIT says, if it can be read then it is used or not, and the stack goes on.
    @Test(arguments: 0..<300 as Range<UInt64>) func anyINITIsHarmless(seed: UInt64) throws {
        VirtualTime.set(Instant(nanoseconds: 5_000_000_000))
        defer { VirtualTime.clear() }
        var random = SeededRandom(seed: seed)
        let ours = try SCTPAssociation(
            stack: .shared, localPort: 30_001, remotePort: 30_002, maximumMessageSize: 1_000)
        let own = try ours.makeInit()
        var bytes = own.serialized()
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            bytes[Int.random(in: 4..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { bytes += random.bytes(32) }
        bytes[2] = 0
        bytes[3] = UInt8(bytes.count)
        guard let peer = InitChunk(parsing: bytes) else { return }
        #expect(ours.establish(ours: own, peer: peer))
        #expect(ours.outgoing.isEmpty)
        guard case .established(let inbound, let outbound)? = ours.nextEvent() else {
            Issue.record("not established")
            return
        }
        #expect(inbound == min(1024, peer.outboundStreams) && outbound == min(1024, peer.inboundStreams))
        SCTPStack.shared.advance(to: Instant(nanoseconds: 25_000_000_000))
    }

    @Test func nothingOfAnAssociationStays() throws {
        let before = SCTPStack.shared.associationCount
        do {
            let association = try SCTPAssociation(
                stack: .shared, localPort: 30_001, remotePort: 30_002, maximumMessageSize: 1_000)
            _ = try association.makeInit()
        }
        do {
            _ = try SCTPPair.accelerated()
        }
        #expect(SCTPStack.shared.associationCount == before)
    }
}
