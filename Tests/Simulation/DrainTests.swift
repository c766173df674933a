import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// A gateway that takes no more players: who stays, for how long, and what both sides are told.
@Suite(.onTheSCTPStack) struct DrainTests {
    /// A world with so many players, whose peer ids begin at 10.
    private func playing(_ count: Int) throws -> (world: SimulatedWorld, players: [(SimulatedBrowser, SessionID)]) {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let players = try (0..<count).map { index in
            let browser = try world.makeBrowser()
            return (browser, try world.join(browser, peerID: UInt32(10 + index)).session)
        }
        try #require(world.play(players.map(\.1)))
        return (world, players)
    }

    /// The core's state as `ServiceState` has it, and that joins and metrics agree.
    private func expectDraining(_ world: SimulatedWorld, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let refusals = world.metrics.refusals[.draining] ?? 0
        let late = try world.makeBrowser()
        #expect(throws: JoinRefusal.draining, sourceLocation: sourceLocation) { try world.join(late) }
        #expect(world.metrics.refusals[.draining] == refusals + 1, sourceLocation: sourceLocation)
        #expect(world.metrics.service.isDraining, sourceLocation: sourceLocation)
        #expect(!world.core.isStopping, sourceLocation: sourceLocation)
    }

    private func expectPlaying(
        _ world: SimulatedWorld, _ player: (browser: SimulatedBrowser, session: SessionID), byte: UInt8,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(world.core.status(of: player.session) == .playing, sourceLocation: sourceLocation)
        let before = player.browser.received.count
        player.browser.send([byte], stream: 1)
        let isBack = world.run(for: 2_000) { _ in player.browser.received.count > before }
        #expect(isBack, sourceLocation: sourceLocation)
    }

    @Test func drainingKeepsWhoIsThereUntilPlayersAreTakenAgain() throws {
        let (world, players) = try playing(1)
        world.ask { core, _ in core.toggleDrain() }
        #expect(world.core.service == .draining)
        try expectDraining(world)
        world.run(for: .seconds(600))
        try expectDraining(world)
        expectPlaying(world, players[0], byte: 1)
        // Its page may also change networks.
        try world.restartICE(players[0].0, players[0].1)
        world.run(for: 5_000)
        expectPlaying(world, players[0], byte: 2)

        world.ask { core, _ in core.toggleDrain() }
        #expect(world.core.service == .serving)
        #expect(!world.metrics.service.isDraining)
        let next = try world.makeBrowser()
        #expect(world.play([try world.join(next).session]))
    }

    @Test func aDepartureEndsAtItsDeadline() throws {
        let (world, players) = try playing(2)
        world.ask { core, now in core.depart(Departure(timeout: 30_000), at: now) }
        world.run(for: 29_900)
        try expectDraining(world)
        for player in players { #expect(world.core.status(of: player.1) == .playing) }
        // The core itself asks to be woken at the deadline.
        #expect(world.run(for: 300) { $0.core.sessionCount == 0 })
        #expect(world.core.isStopping)
        #expect(!world.metrics.service.isDraining)
        let late = try world.makeBrowser()
        #expect(throws: JoinRefusal.stopping) { try world.join(late) }
        world.run(for: 100)
        for (browser, session) in players {
            #expect(world.endReason(of: session) == .gatewayStopping)
            #expect(browser.signs == [.aborted, .dtlsClosed])
        }
        #expect(world.server.disconnected == [10: 1, 11: 1])
        world.expectNothingLeft()
    }

    /// The last ones are not waited for, and nobody is as soon as there is none.
    @Test(arguments: [0, 1, 2]) func aDepartureEndsWithFewEnoughLeft(minimum: Int) throws {
        let (world, players) = try playing(4)
        let departure = Departure(timeout: .seconds(3600), minimum: minimum)
        world.ask { core, now in core.depart(departure, at: now) }
        for leaving in 0..<(4 - minimum) {
            world.run(for: .seconds(60))
            #expect(!world.core.isStopping)
            expectPlaying(world, players[leaving], byte: 1)
            _ = world.ask { core, now in core.leave(players[leaving].1, at: now) }
        }
        #expect(world.run(for: 1_000) { $0.core.sessionCount == 0 && $0.core.isStopping })
        for (index, player) in players.enumerated() {
            #expect(world.endReason(of: player.1) == (index < 4 - minimum ? .playerLeft : .gatewayStopping))
        }
        world.run(for: 100)
        world.expectNothingLeft()
    }

    @Test(arguments: [Departure.atOnce, Departure(timeout: .seconds(3600), minimum: 1)])
    func aDepartureThatWaitsForNobodyIsAStop(departure: Departure) throws {
        let (world, players) = try playing(1)
        world.ask { core, now in core.depart(departure, at: now) }
        #expect(world.core.isStopping)
        #expect(world.run(for: 1_000) { $0.core.sessionCount == 0 })
        #expect(world.endReason(of: players[0].1) == .gatewayStopping)
    }

    /// Draining first changes nothing about it, and neither does another departure; a stop ends it.
    @Test func nothingHoldsADepartureUp() throws {
        let (world, players) = try playing(1)
        world.ask { core, _ in core.toggleDrain() }
        world.ask { core, now in core.depart(Departure(timeout: 20_000), at: now) }
        world.ask { core, _ in core.toggleDrain() }
        try expectDraining(world)
        world.run(for: 10_000)
        world.ask { core, now in core.depart(Departure(timeout: .seconds(3600)), at: now) }
        expectPlaying(world, players[0], byte: 1)
        #expect(world.run(for: 10_100) { $0.core.sessionCount == 0 })

        let (other, others) = try playing(1)
        other.ask { core, now in core.depart(Departure(timeout: 20_000), at: now) }
        other.ask { core, now in core.stop(at: now) }
        #expect(other.run(for: 1_000) { $0.core.sessionCount == 0 })
        #expect(other.endReason(of: others[0].1) == .gatewayStopping)
    }
}
