import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// Each way a session can end, as a transcript: why, how soon, and what either side hears.
@Suite(.onTheSCTPStack) struct EndTests {
    private func playing(
        seed: UInt64 = 1, configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) throws -> (SimulatedWorld, SimulatedBrowser, SessionID) {
        let world = try SimulatedWorld(seed: seed, configure: configure)
        world.watch()
        let browser = try world.makeBrowser()
        let answer = try world.join(browser, peerID: 42)
        try #require(world.play([answer.session]))
        return (world, browser, answer.session)
    }

    /// Runs until the session is gone; milliseconds that took.
    private func runToTheEnd(_ world: SimulatedWorld, within limit: Milliseconds) -> UInt64? {
        let start = world.now
        guard world.run(for: limit, until: { $0.core.sessionCount == 0 }) else { return nil }
        return world.now.since(start).whole
    }

    @Test func pageGoneSilently() throws {
        let (world, browser, session) = try playing()
        browser.vanish()
        let took = try #require(runToTheEnd(world, within: 30_000))
        // 20 s after the last check, of which one comes every 2.5 s.
        #expect((17_000...20_200).contains(took))
        #expect(world.endReason(of: session) == .browserVanished)
        #expect(world.server.disconnected == [42: 1])
        world.expectNothingLeft()
    }

    @Test func pageCloses() throws {
        let (world, browser, session) = try playing()
        browser.send([1, 2, 3], stream: 1)
        world.run(for: 100)
        browser.close()
        let took = try #require(runToTheEnd(world, within: 5_000))
        #expect(took < 200)
        #expect(world.endReason(of: session) == .browserClosed)
        #expect(world.server.received[42]?.map(\.bytes) == [[1, 2, 3]])
        #expect(world.server.disconnected == [42: 1])
        world.expectNothingLeft()
    }

    /// A server that no longer answers when the page leaves: what it has still to get is tried for 3 s.
    @Test func aFarewellHasADeadline() throws {
        let (world, browser, session) = try playing()
        world.server.isGone = true
        browser.send([1, 2, 3], stream: 1)
        world.run(for: 100)
        browser.close()
        let took = try #require(runToTheEnd(world, within: 10_000))
        #expect((2_900...3_200).contains(took))
        #expect(world.endReason(of: session) == .browserClosed)
        world.expectNothingLeft()
    }

    @Test func pageDeletesTheSession() throws {
        let (world, browser, session) = try playing()
        #expect(world.ask { core, now in core.leave(session, at: now) } == .done)
        let took = try #require(runToTheEnd(world, within: 5_000))
        #expect(took < 200)
        #expect(world.endReason(of: session) == .playerLeft)
        #expect(world.core.status(of: session) == .ended(.playerLeft))
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        #expect(world.server.disconnected == [42: 1])
        #expect(world.ask { core, now in core.leave(session, at: now) } == .sessionUnknown)
        world.expectNothingLeft()
    }

    /// All of what the server sent before the kick reaches the browser first.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func serverKicksAfter200kB(seed: UInt64) throws {
        let (world, browser, session) = try playing(seed: seed)
        if seed > 1 {
            var link = LinkConditions(delay: 20)
            link.loss = Int(seed) * 10
            world.network.links[browser.address.host] = link
        }
        let player = try #require(world.server.player(42))
        var sent: [[UInt8]] = []
        for _ in 0..<10 {
            sent.append(world.random.bytes(20_000))
            #expect(world.server.send(sent[sent.count - 1], channel: 0, .reliable, to: player) == .queued)
        }
        world.server.kick(player, data: 7)
        #expect(runToTheEnd(world, within: 10_000) != nil)
        #expect(world.endReason(of: session) == .serverClosed(data: 7))
        world.run(for: 200)
        #expect(browser.received.map(\.payload) == sent)
        if seed == 1 { #expect(browser.signs == [.aborted, .dtlsClosed]) }
        world.run(for: 20_000)
        #expect(browser.end != nil)
        world.expectNothingLeft()
    }

    @Test func serverGone() throws {
        let (world, browser, session) = try playing()
        world.server.isGone = true
        let took = try #require(runToTheEnd(world, within: 60_000))
        // 8 s after it was last heard, which answers a ping every half a second.
        #expect((7_400...8_000).contains(took))
        #expect(world.endReason(of: session) == .serverVanished)
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    /// Godot forgets a player it does not want without a word.
    @Test func serverRefusesSilently() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        world.server.behaviour = .refusesSilently
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        let took = try #require(runToTheEnd(world, within: 10_000))
        #expect(took < 3_500)
        #expect(world.endReason(of: session) == .serverRefused)
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    /// A server that ends right after it has answered CONNECT looks like that too, but for what the operating system says.
    @Test func serverGoneBeforeItAcknowledged() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        world.server.behaviour = .refusesSilently
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.run(for: 10_000) { $0.core.status(of: session) == .connecting })
        world.run(for: 200)
        let slot = try #require(world.sockets.keys.first)
        world.ask { core, now in core.serverRefusedDatagram(of: slot, at: now) }
        #expect(world.core.sessionCount == 1)
        try #require(runToTheEnd(world, within: 10_000) != nil)
        #expect(world.endReason(of: session) == .serverVanished)
        world.run(for: 100)
        world.expectNothingLeft()
    }

    @Test(arguments: [true, false]) func serverNotThere(saysSo: Bool) throws {
        let world = try SimulatedWorld(seed: 1, hasServer: false)
        world.watch()
        world.sendsUnreachable = saysSo
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        let took = try #require(runToTheEnd(world, within: 10_000))
        #expect(took < (saysSo ? 500 : 5_500))
        #expect(world.endReason(of: session) == .serverNotThere)
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    @Test func gatewayStops() throws {
        let (world, browser, session) = try playing()
        world.ask { core, now in core.stop(at: now) }
        let late = try world.makeBrowser()
        #expect(throws: JoinRefusal.stopping) { try world.join(late) }
        let took = try #require(runToTheEnd(world, within: 5_000))
        #expect(took < 200)
        #expect(world.endReason(of: session) == .gatewayStopping)
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        #expect(world.server.disconnected == [42: 1])
        world.expectNothingLeft()
    }

    /// A stop while the browser still gets what a server that has left had sent.
    @Test func gatewayStopsDuringAFarewell() throws {
        let (world, browser, session) = try playing()
        var link = LinkConditions(delay: 20)
        link.rate = 50_000
        world.network.links[browser.address.host] = link
        let player = try #require(world.server.player(42))
        #expect(world.server.send(world.random.bytes(200_000), channel: 4, .unreliableSequenced, to: player) == .queued)
        for _ in 0..<10 { world.server.send(world.random.bytes(20_000), channel: 0, .reliable, to: player) }
        world.server.kick(player)
        world.run(for: 5_000) { $0.core.status(of: session) == .ending(.serverClosed(data: 0)) }
        #expect(world.core.status(of: session) == .ending(.serverClosed(data: 0)))
        world.ask { core, now in core.stop(at: now) }
        #expect(runToTheEnd(world, within: 1_000) != nil)
        #expect(world.endReason(of: session) == .serverClosed(data: 0))
        world.run(for: 3_000) { _ in browser.end != nil }
        #expect(browser.end == .aborted || browser.end == .dtlsClosed)
    }

    @Test func nobodyComes() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        browser.vanish()
        let took = try #require(runToTheEnd(world, within: 20_000))
        #expect((14_900...15_100).contains(took))
        #expect(world.endReason(of: session) == .joinTimedOut(.ice))
        world.expectNothingLeft()
    }

    @Test func wrongCertificate() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let browser = try world.makeBrowser(
            fingerprint: DTLSFingerprint(.sha256, [UInt8](repeating: 0xAB, count: 32)))
        let session = try world.join(browser).session
        let took = try #require(runToTheEnd(world, within: 5_000))
        #expect(took < 500)
        #expect(world.endReason(of: session) == .certificateMismatch)
        #expect(!browser.isOpen)
        #expect(world.server.players.isEmpty)
        world.run(for: 100)
        #expect(browser.end == .dtlsFailed)
        world.expectNothingLeft()
    }

    @Test func messageLargerThanAllowed() throws {
        let (world, browser, session) = try playing()
        browser.send([UInt8](repeating: 1, count: 262_145), stream: 1)
        #expect(runToTheEnd(world, within: 5_000) != nil)
        #expect(world.endReason(of: session) == .browserMessageTooLarge)
        world.run(for: 500)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        #expect(world.server.received[42]?.isEmpty == true)
        world.expectNothingLeft()
    }

    /// Godot's page cannot take it; an unreliable one is dropped and counted.
    @Test func serverMessageLargerThanThePageTakes() throws {
        let (world, browser, session) = try playing()
        let player = try #require(world.server.player(42))
        world.server.send(world.random.bytes(65_531), channel: 1, .unreliableSequenced, to: player)
        world.server.send(world.random.bytes(65_530), channel: 0, .reliable, to: player)
        #expect(world.run(for: 3_000) { _ in browser.received.count == 1 })
        world.server.send(world.random.bytes(65_531), channel: 0, .reliable, to: player)
        #expect(runToTheEnd(world, within: 5_000) != nil)
        #expect(world.endReason(of: session) == .serverMessageTooLarge(bytes: 65_531, limit: 65_530))
        #expect(world.counters(of: session)?.drops[.messageTooLarge] == 1)
        world.run(for: 500)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    /// A page that takes nothing: the server is made to wait, then the session ends.
    @Test func pageTakesNothing() throws {
        let (world, browser, session) = try playing()
        browser.reads = false
        let player = try #require(world.server.player(42))
        let start = world.now
        while world.core.sessionCount > 0, world.now.since(start) < 60_000 {
            world.server.send(world.random.bytes(10_000), channel: 0, .reliable, to: player)
            world.run(for: 100)
        }
        #expect(world.endReason(of: session) == .browserTooSlow)
        world.run(for: 40_000) { !$0.server.disconnected.isEmpty }
        #expect(world.server.disconnected == [42: 1])
        world.expectNothingLeft()
    }

    /// A long upload over a long way: the page waits all the time, and yet everything moves.
    @Test func aSlowUploadIsNoStall() throws {
        let (world, browser, session) = try playing()
        world.server.behaviour = .listens
        world.network.links[SimulatedWorld.serverAddress.host] = LinkConditions(delay: 250)
        for _ in 0..<150 { browser.send(world.random.bytes(20_000), stream: 1) }
        world.run(for: 60_000) { _ in (world.server.received[42]?.count ?? 0) == 150 }
        #expect(world.server.received[42]?.count == 150)
        #expect(world.core.status(of: session) == .playing)
    }
}
