import Primitives
import SimulationSupport
import Testing

@testable import SCTP

@Suite(.onTheSCTPStack) struct SCTPAssociationTests {
    @Test func comesUp() throws {
        let pair = try SCTPPair.connected()
        #expect(pair.left.events == ["established 260 260"])
        #expect(pair.right.events == ["established 260 260"])
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
}
