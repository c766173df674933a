import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// What profile `channels` leaves to the game: data words both ways, and how many channels there are.
@Suite(.onTheSCTPStack) struct PlainENetTests {
    private func playing(
        connectData: UInt32? = nil, configure: (inout Route) -> Void = { _ in }
    ) throws -> (SimulatedWorld, SimulatedBrowser, SessionID) {
        var route = Route(name: "plain", profile: .channels, server: SimulatedWorld.serverAddress)
        configure(&route)
        let world = try SimulatedWorld(seed: 1, routes: [route])
        world.watch()
        let browser = try world.makeBrowser(channels: [.init(0, label: "0"), .init(2, label: "2")])
        let session = try world.join(browser, route: "plain", connectData: connectData).session
        try #require(world.play([session]))
        return (world, browser, session)
    }

    @Test(arguments: [(nil, 0), (7, 7), (0, 0), (UInt32.max, .max)] as [(UInt32?, UInt32)])
    func theServerSeesTheJoinsConnectData(data: UInt32?, seen: UInt32) throws {
        let (world, _, _) = try playing(connectData: data)
        #expect(Array(world.server.players.values) == [seen])
    }

    @Test(arguments: [(nil, 99), (7, 7), (0, 0)] as [(UInt32?, UInt32)])
    func theRoutesConnectDataIsForJoinsWithoutOne(data: UInt32?, seen: UInt32) throws {
        let (world, _, _) = try playing(connectData: data) { $0.connectData = 99 }
        #expect(Array(world.server.players.values) == [seen])
    }

    @Test(arguments: [nil, 0, 1, UInt32.max] as [UInt32?])
    func theServerSeesThePlayersDisconnectData(data: UInt32?) throws {
        let (world, _, session) = try playing()
        #expect(world.ask { core, now in core.leave(session, disconnectData: data, at: now) } == .done)
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        world.run(for: 100)
        #expect(world.server.disconnectData == [data ?? 0])
        world.expectNothingLeft()
    }

    /// Nor does a second wish change what was said.
    @Test func theFirstDisconnectDataCounts() throws {
        let (world, _, session) = try playing()
        #expect(world.ask { core, now in core.leave(session, disconnectData: 1, at: now) } == .done)
        #expect(world.ask { core, now in core.leave(session, disconnectData: 2, at: now) } == .done)
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        world.run(for: 100)
        #expect(world.server.disconnectData == [1])
    }

    @Test func thePageLearnsTheServersDisconnectData() throws {
        let (world, browser, session) = try playing()
        let player = try #require(world.server.player(0))
        world.server.kick(player, data: .max)
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        let reason = try #require(world.core.status(of: session)?.reason)
        #expect(reason.serverData == .max)
        #expect(reason.sentence.hasSuffix("(data 4294967295)."))
        world.run(for: 100)
        #expect(browser.signs.contains(.aborted))
    }

    @Test func aGodotPlayerHasNoDataWords() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        #expect(throws: JoinRefusal.connectDataNotUsed(route: "godot")) {
            try world.join(browser, connectData: 1)
        }
        let session = try world.join(browser).session
        #expect(
            world.ask { core, now in core.leave(session, disconnectData: 1, at: now) } == .disconnectDataNotUsed)
        #expect(world.play([session]))
    }

    @Test func theServerIsAskedForAsManyChannelsAsTheRouteSays() throws {
        let (world, browser, session) = try playing { $0.channelCount = 2 }
        browser.send([1], stream: 0)
        world.run(for: 200)
        #expect(browser.received.map(\.payload) == [[1]])
        browser.send([1], stream: 2)
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        #expect(world.endReason(of: session) == .serverChannelMissing(2))
    }
}
