import Primitives
import SimulationSupport
import Testing

@testable import SCTP

@Suite(.onTheSCTPStack) struct TickTests {
    /// The more associations there are, the less often their timers are looked at; what is lost is still repeated in time.
    @Test(arguments: [(2, 10), (500, 20), (1500, 50)] as [(Int, UInt64)])
    func looksAreRareWithManyAssociations(count: Int, interval: UInt64) throws {
        let pair = try SCTPPair.connected()
        let others = try (2..<count).map { number in
            try SCTPAssociation(
                stack: .shared, localPort: UInt16(1000 + number), remotePort: 5000, maximumMessageSize: 1000)
        }
        SCTPStack.shared.advance(to: pair.now)
        #expect(SCTPStack.shared.nextDeadline == pair.now + Milliseconds(interval))

        var lost = 0
        pair.losesFromLeft = { _ in
            lost += 1
            return lost == 1
        }
        #expect(pair.sendLeft([1, 2, 3]) == .accepted)
        let start = pair.now
        pair.run(for: 5_000) { !pair.right.messages.isEmpty }
        #expect(pair.right.messages.map(\.payload) == [[1, 2, 3]])
        let patience = UInt64(SCTPStack.retransmissionTimeoutInitial) + 2 * interval
        #expect(pair.now.since(start) <= Milliseconds(patience))
        withExtendedLifetime(others) {}
    }
}
