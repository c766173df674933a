import Gateway
import Primitives
import SimulationSupport
import Testing

/// A server's name stands for another address: its players stay, and whoever joins goes to the new one.
@Suite(.onTheSCTPStack) struct MovingServerTests {
    private static let elsewhere = TransportAddress(ipv4: 0xC633_6409, port: 7777)

    @Test func newPlayersGoToTheNewServerAndOthersStay() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        world.addServer(at: Self.elsewhere)
        let (early, late) = (try world.makeBrowser(), try world.makeBrowser())
        let first = try world.join(early, peerID: 42).session
        try #require(world.play([first]))
        world.ask { core, now in core.moveServer(of: "godot", to: Self.elsewhere, linkMTU: nil, at: now) }
        let second = try world.join(late, peerID: 43).session
        try #require(world.play([second]))
        let next = try #require(world.servers[Self.elsewhere])
        #expect(next.players.values.sorted() == [43])
        #expect(world.server.players.values.sorted() == [42])

        early.send([1], stream: 1)
        late.send([2], stream: 1)
        world.run(for: 500)
        #expect(early.received.map(\.payload) == [[1]])
        #expect(late.received.map(\.payload) == [[2]])

        // The old one is switched off.
        world.server.isGone = true
        #expect(world.run(for: 10_000) { $0.core.sessionCount == 1 })
        #expect(world.endReason(of: first) == .serverVanished)
        #expect(world.core.status(of: second) == .playing)
        late.close()
        world.run(for: 1_000) { $0.core.sessionCount == 0 }
        world.expectNothingLeft()
    }
}
