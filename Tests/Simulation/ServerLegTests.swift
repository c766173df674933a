import Gateway
import Primitives
import SimulationSupport
import Testing

/// The leg between the gateway and the game server, on which nothing but ENet repeats and orders.
@Suite(.onTheSCTPStack) struct ServerLegTests {
    private static let host = SimulatedWorld.serverAddress.host

    /// What random plays promise of their networks, on both legs; see `RandomPlay.beginCorruption` for the exception.
    @Test func randomPlaysHaveFaultsOnBothLegs() async throws {
        var serversLeg: [LinkFaults] = []
        var browsersLegs: [LinkFaults] = []
        for seed in 1...40 as ClosedRange<UInt64> {
            await Task.yield()
            let play = try RandomPlay(seed: seed)
            #expect(play.run().isEmpty, "seed \(seed)")
            for (host, faults) in play.world.network.faults {
                if host == Self.host { serversLeg.append(faults) } else { browsersLegs.append(faults) }
            }
        }
        for legs in [serversLeg, browsersLegs] {
            for kind in [\LinkFaults.lost, \.duplicated, \.overtaking, \.cutOff] {
                #expect(legs.contains { $0[keyPath: kind] > 0 }, "\(kind)")
            }
        }
        #expect(browsersLegs.contains { $0.damaged > 0 })
        #expect(!serversLeg.contains { $0.damaged > 0 })
    }

    /// With faults on the server's leg alone it can be counted what that leg is to blame for.
    @Test func whatIsLostIsLostBehindTheGateway() async throws {
        for seed in 1...150 as ClosedRange<UInt64> {
            await Task.yield()
            let play = try RandomPlay(seed: seed, sparesBrowsers: true)
            let complaints = play.run()
            #expect(complaints.isEmpty, "seed \(seed) (\(play.description))")
        }
    }

    /// ENet cannot tell a damaged datagram from one that was meant so: the game may be spoilt, the gateway must not be.
    @Test(arguments: 1...60 as ClosedRange<UInt64>) func flippedBitsLeaveTheGatewayWhole(seed: UInt64) throws {
        let world = try SimulatedWorld(seed: seed)
        world.watch(seed: seed)
        let browsers = try (0..<2).map { _ in try world.makeBrowser() }
        let sessions = try browsers.map { try world.join($0).session }
        #expect(world.play(sessions))
        world.network.links[Self.host] = LinkConditions()
        world.network.links[Self.host]?.corruption = 300
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            for browser in browsers {
                browser.send(random.bytes(Int.random(in: 0...3_000, using: &random)), stream: 1)
                browser.send(random.bytes(Int.random(in: 0...3_000, using: &random)), stream: 3, unordered: true)
            }
            world.run(for: 20)
        }
        let faults = try #require(world.network.faults[Self.host])
        #expect(faults.damaged > 0)

        world.network.links[Self.host] = nil
        world.ask { core, now in core.stop(at: now) }
        #expect(world.run(for: 60_000) { $0.core.sessionCount == 0 })
        for session in sessions { #expect(world.endReason(of: session) != nil) }
        world.expectNothingLeft(seed: seed)
    }
}
