import Gateway
import Primitives
import SimulationSupport
import Testing

/// A datagram lost while somebody joins: how long the page then waits for its channel.
@Suite(.onTheSCTPStack) struct JoinLossTests {
    private static let delay: Milliseconds = 10

    /// RFC 5246 §6.2.1.
    private static let applicationData: UInt8 = 23

    private struct Outcome {
        var wait: Milliseconds = 0
        /// Datagrams until then.
        var (fromGateway, fromBrowser) = (0, 0)
        /// Those of the gateway's that hold SCTP.
        var packets = 0
    }

    private enum End { case gateway, browser }

    /// From the answer until the channel is acknowledged, where the nth datagram of one end is lost; nil loses none.
    private func join(
        losing lost: Int? = nil, of end: End = .gateway, delay: Milliseconds = delay, offersSNAP: Bool = false
    ) throws -> Outcome {
        let world = try SimulatedWorld(seed: 7)
        let browser = try world.makeBrowser(
            channels: [.init(offersSNAP ? 1 : 0, label: "0")], offersSNAP: offersSNAP)
        world.network.links[browser.address.host] = LinkConditions(delay: delay)
        var outcome = Outcome()
        world.network.loses = { bytes, source, destination in
            if source == SimulatedWorld.gatewayAddress {
                if bytes.first == Self.applicationData { outcome.packets += 1 }
                outcome.fromGateway += 1
                return end == .gateway && outcome.fromGateway == lost
            }
            guard destination == SimulatedWorld.gatewayAddress else { return false }
            outcome.fromBrowser += 1
            return end == .browser && outcome.fromBrowser == lost
        }
        let start = world.now
        try world.join(browser, route: "plain")
        try #require(world.run(for: 5_000) { _ in !browser.acknowledgedStreams.isEmpty })
        outcome.wait = world.now.since(start)
        return outcome
    }

    /// Whatever of the gateway's is lost, it is said again within some 50 ms. Ten datagrams: what answers the check, two
    /// flights of DTLS, SCTP's own, and DCEP's answer.
    @Test(arguments: [false, true]) func nothingOfTheGatewaysIsMissedForLong(offersSNAP: Bool) throws {
        let whole = try join(offersSNAP: offersSNAP)
        for number in 1...whole.fromGateway {
            let lossy = try join(losing: number, offersSNAP: offersSNAP)
            #expect(lossy.wait.whole <= whole.wait.whole + 60, "datagram \(number): \(lossy.wait.whole) ms")
        }
    }

    /// Of the browser's, only what it alone can say again is waited for as long as it waits itself: that it opens a channel.
    @Test func oneDatagramOfTheBrowsersIsItsOwnToRepeat() throws {
        let whole = try join()
        let limit = whole.wait.whole + 60
        let late = try (1...whole.fromBrowser).filter { try join(losing: $0, of: .browser).wait.whole > limit }
        #expect(late.count == 1)
    }

    /// Where a round trip takes longer than the shortest wait, nothing of SCTP's is said twice.
    @Test func aLongWayIsNoLoss() throws {
        let (near, far) = (try join(), try join(delay: 55))
        #expect(far.packets == near.packets && near.packets > 0)
    }
}
