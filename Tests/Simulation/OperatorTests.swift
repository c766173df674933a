import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// What operators see of sessions, and do to them.
@Suite(.onTheSCTPStack) struct OperatorTests {
    private func timeline(of session: SessionID, in world: SimulatedWorld) -> [SessionTimeline.Event] {
        world.events.filter { $0.session == session }.map { SessionTimeline.Event($0.kind) }
    }

    /// Whether SCTP is set up by packets or with the answer.
    @Test(arguments: [false, true]) func aSessionsLifeComesInOrder(hasSNAP: Bool) throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser(offersSNAP: hasSNAP)
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        let path = Path.udp(browser.address)
        #expect(timeline(of: session, in: world) == [.joined, .reached(path), .secured, .opened, .playing])
        browser.close()
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        #expect(timeline(of: session, in: world).last == .ended(.browserClosed))
    }

    @Test func aRemovedPlayerAndItsServerAreTold() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        let reason = EndReason.removedByOperator("Too loud")
        #expect(world.ask { $0.leave(session, for: reason, at: $1) } == .done)
        #expect(world.run(for: 1_000) { $0.core.sessionCount == 0 })
        world.run(for: 100)
        #expect(world.endReason(of: session) == reason)
        #expect(world.core.status(of: session) == .ended(reason))
        #expect(reason.sentence == "An operator removed the player: Too loud.")
        #expect(EndReason.removedByOperator(nil).sentence == "An operator removed the player.")
        #expect(reason.label == "removed-by-operator")
        #expect(browser.signs == [.aborted, .dtlsClosed])
        #expect(world.server.disconnected == [42: 1])
        world.expectNothingLeft()
    }

    /// A page that takes nothing for a while, and then everything.
    @Test func aStallIsToldOnceAndItsEnd() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        browser.reads = false
        for _ in 0..<600 {
            world.server.send(world.random.bytes(10_000), channel: 0, .reliable, to: player)
            world.run(for: 100)
            if timeline(of: session, in: world).contains(.stalled(.toBrowser)) { break }
        }
        #expect(timeline(of: session, in: world).last == .stalled(.toBrowser))
        world.run(for: 2_000)
        #expect(timeline(of: session, in: world).last == .stalled(.toBrowser))
        browser.reads = true
        world.run(for: 5_000)
        #expect(timeline(of: session, in: world).suffix(2) == [.stalled(.toBrowser), .recovered(.toBrowser)])
        #expect(world.core.status(of: session) == .playing)
    }

    @Test func howASessionIsCanBeAsked() throws {
        let world = try SimulatedWorld(seed: 1)
        let first = try world.makeBrowser()
        let playing = try world.join(first, peerID: 42).session
        let joining = try world.join(try world.makeBrowser(), peerID: 43).session
        world.run(for: 20) { $0.core.status(of: playing) == .playing }
        try #require(world.play([playing, joining]))
        first.send([1, 2, 3], stream: 1)
        world.run(for: 1_000)
        let details = try #require(world.ask { $0.details(of: playing, at: $1) })
        #expect(details.status == .playing && details.peerID == 42)
        #expect(details.path == .udp(first.address))
        #expect(details.counters.toServer.messages == 1)
        let trips = try [details.browserRoundTrip, details.serverRoundTrip].map { try #require($0) }
        #expect(trips.allSatisfy { $0 > 0 })
        #expect(details.age > 1_000)
        let all = world.ask { $0.sessions(after: nil, limit: 10, at: $1) }
        #expect(all.map(\.id) == [playing, joining])
        #expect(world.ask { $0.sessions(after: all[0].place, limit: 10, at: $1) }.map(\.id) == [joining])
        #expect(world.ask { $0.sessions(after: all[1].place, limit: 10, at: $1) }.isEmpty)
        #expect(world.ask { $0.sessions(after: nil, limit: 1, at: $1) }.map(\.id) == [playing])
        // One that is gone leaves its place, which a later one may have.
        _ = world.ask { $0.leave(playing, at: $1) }
        #expect(world.run(for: 2_000) { $0.core.sessionCount == 1 })
        #expect(world.ask { $0.details(of: playing, at: $1) } == nil)
        #expect(world.ask { $0.sessions(after: nil, limit: 10, at: $1) }.map(\.id) == [joining])
    }

    @Test func drainingIsSaidOutright() throws {
        let world = try SimulatedWorld(seed: 1)
        for (isDraining, state) in [
            (true, ServiceState.draining), (true, .draining), (false, .serving), (false, .serving),
        ] {
            world.ask { core, _ in core.drain(isDraining) }
            #expect(world.core.service == state)
        }
        let browser = try world.makeBrowser()
        _ = try world.join(browser)
        world.ask { core, now in core.depart(Departure(timeout: 20_000), at: now) }
        world.ask { core, _ in core.drain(false) }
        #expect(throws: JoinRefusal.draining) { try world.join(try world.makeBrowser()) }
    }
}
