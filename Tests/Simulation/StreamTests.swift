import Gateway
import Primitives
import SCTP
import SimulationSupport
import Testing

/// Browsers that come by TCP, lose connections, and move between TCP and UDP in the middle of the game.
@Suite(.onTheSCTPStack) struct StreamTests {
    private func joined(_ world: SimulatedWorld, byTCP: Bool = true) throws -> (SimulatedBrowser, SessionID, UInt32) {
        let browser = try world.makeBrowser()
        if byTCP { world.connectByTCP(browser) }
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        return (browser, answer.session, answer.peerID ?? 0)
    }

    private func paths(_ world: SimulatedWorld) -> [String] {
        world.events.compactMap { event in
            switch event.kind {
            case .reached(let path): "reached \(path.transport)"
            case .moved(let path): "moved \(path.transport)"
            default: nil
            }
        }
    }

    @Test func aSessionOverTCPFromBeginningToEnd() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let (browser, session, _) = try joined(world)
        for number in 0..<100 as Range<UInt8> { browser.send([number], stream: 1) }
        #expect(world.run(for: 5_000) { _ in browser.received.count == 100 })
        #expect(browser.received.map(\.payload) == (0..<100 as Range<UInt8>).map { [$0] })
        #expect(paths(world) == ["reached tcp"])
        // The end is told before the connection is closed, and closes it.
        _ = world.ask { $0.leave(session, at: $1) }
        #expect(world.run(for: 5_000) { _ in browser.transport == .none })
        #expect(browser.signs.first == .aborted)
        #expect(browser.signs.contains(.dtlsClosed))
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        world.expectNothingLeft()
    }

    /// The connection breaks with messages under way both ways, and the browser opens another.
    @Test(arguments: [2, 100, 3_000] as [UInt64]) func aBrokenConnectionLosesNothing(pause: UInt64) throws {
        let world = try SimulatedWorld(seed: 2)
        world.server.behaviour = .listens
        world.watch()
        let (browser, session, peerID) = try joined(world)
        let traffic = Traffic(browser: browser, session: session, peerID: peerID, lanes: Lane.godot)
        for round in 0..<30 {
            traffic.sendToServer(lane: 0, size: 900)
            traffic.sendToBrowser(lane: 0, size: 900, from: world.server)
            world.run(for: 5)
            guard round == 10 || round == 20 else { continue }
            world.cutTCP(browser)
            world.run(for: Milliseconds(pause))
            world.connectByTCP(browser)
            browser.checkNow(at: world.now)
        }
        let server = world.server
        #expect(
            world.run(for: 30_000) { _ in
                traffic.collect(from: server)
                return traffic.reliableIsComplete
            }, "\(traffic.progress)")
        #expect(traffic.complaints.isEmpty)
        #expect(paths(world) == ["reached tcp", "moved tcp", "moved tcp"])
        #expect(world.streamCount == 1)
    }

    @Test func withoutAPathNothingIsSentAndConsentRunsOut() throws {
        let world = try SimulatedWorld(seed: 3)
        world.watch()
        let (browser, session, peerID) = try joined(world)
        let player = try #require(world.server.player(peerID))
        world.cutTCP(browser)
        let sent = world.datagramsOut
        for _ in 0..<50 { world.server.send([1, 2, 3], channel: 0, .reliable, to: player) }
        #expect(world.run(for: 30_000) { $0.endReason(of: session) != nil })
        #expect(world.endReason(of: session) == .browserVanished)
        #expect(world.datagramsOut == sent)
        world.run(for: 40_000) { $0.server.players.isEmpty }
        world.expectNothingLeft()
    }

    /// A connection is closed with what is no valid check, and so is one that the session no longer remembers.
    @Test func connectionsThatCarryNothingAreClosed() throws {
        let world = try SimulatedWorld(seed: 4)
        world.watch()
        let (browser, session, _) = try joined(world)
        for _ in 0..<20 {
            world.connectByTCP(browser)
            browser.checkNow(at: world.now)
            world.run(for: 100)
        }
        #expect(world.streamCount <= 8)
        #expect(world.core.status(of: session) == .playing)
        browser.send([5], stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.last?.payload == [5] })

        let stranger = try world.makeBrowser()
        let count = world.streamCount
        world.connectByTCP(stranger)
        stranger.outgoing = [[22, 254, 253, 0, 1], [0, 1, 2, 3]]
        let drops = world.core.drops.total
        world.run(for: 100)
        #expect(world.streamCount == count)
        #expect(world.core.drops.total == drops + 1, "what follows is not heard")
    }

    @Test func betweenUDPAndTCP() throws {
        let world = try SimulatedWorld(seed: 5)
        world.watch()
        let (browser, _, _) = try joined(world, byTCP: false)
        world.connectByTCP(browser)
        browser.checkNow(at: world.now)
        browser.send([1], stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.last?.payload == [1] })
        browser.transport = .udp
        browser.checkNow(at: world.now)
        browser.send([2], stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.last?.payload == [2] })
        // The connection that was left goes without anyone minding.
        world.cutForgottenTCP()
        browser.send([3], stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.last?.payload == [3] })
        #expect(paths(world) == ["reached udp", "moved tcp", "moved udp"])
    }

    /// The connection goes while UDP was checked before: data goes there until the browser says otherwise.
    @Test func aLostConnectionFallsBackToUDP() throws {
        let world = try SimulatedWorld(seed: 6)
        world.watch()
        let (browser, _, peerID) = try joined(world, byTCP: false)
        let player = try #require(world.server.player(peerID))
        world.connectByTCP(browser)
        browser.checkNow(at: world.now)
        world.run(for: 200)
        world.cutTCP(browser)
        browser.transport = .udp
        world.server.send([4, 5], channel: 0, .reliable, to: player)
        // Well before the browser's next check.
        #expect(world.run(for: 500) { _ in browser.received.last?.payload == [4, 5] })
        #expect(paths(world) == ["reached udp", "moved tcp", "moved udp"])
    }

    /// Random traffic on all lanes, with connections that break, are left, or give way to UDP and back.
    @Test(arguments: 1...100 as ClosedRange<UInt64>) func whateverThePathExactlyOnce(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try SimulatedWorld(seed: seed)
        world.server.behaviour = .listens
        world.watch(seed: seed)
        let browser = try world.makeBrowser()
        world.network.links[browser.address.host] = LinkConditions(
            delay: Milliseconds(UInt64.random(in: 1...60, using: &random)),
            jitter: Milliseconds(UInt64.random(in: 0...20, using: &random)))
        if random.chance(perMille: 800) { world.connectByTCP(browser) }
        let answer = try world.join(browser)
        try #require(world.play([answer.session], within: 10_000))
        let traffic = Traffic(
            browser: browser, session: answer.session, peerID: answer.peerID ?? 0, lanes: Lane.godot)
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let size = random.chance(perMille: 30) ? 30_000 : Int.random(in: 5...1_200, using: &random)
                let lane = Int.random(in: traffic.lanes.indices, using: &random)
                let isReliable = traffic.lanes[lane].isReliable
                traffic.sendToServer(lane: lane, size: isReliable ? size : min(size, 1_200))
                traffic.sendToBrowser(lane: lane, size: isReliable ? size : min(size, 1_200), from: world.server)
            }
            disturb(world, browser, &random)
            world.run(for: 30)
        }
        let server = world.server
        world.run(for: 40_000) { _ in
            traffic.collect(from: server)
            return traffic.reliableIsComplete
        }
        #expect(traffic.complaints.isEmpty, "seed \(seed)")
        #expect(traffic.reliableIsComplete, "seed \(seed): \(traffic.progress)")
        #expect(world.endReason(of: answer.session) == nil, "seed \(seed)")
        browser.close()
        world.run(for: 60_000) { $0.core.sessionCount == 0 && $0.server.players.isEmpty }
        world.run(for: 1_000)
        world.expectNothingLeft(seed: seed)
    }

    private func disturb(_ world: SimulatedWorld, _ browser: SimulatedBrowser, _ random: inout SeededRandom) {
        guard random.chance(perMille: 150) else { return }
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            world.cutTCP(browser)
            world.run(for: Milliseconds(UInt64.random(in: 0...400, using: &random)))
            world.connectByTCP(browser)
        case 1: world.connectByTCP(browser)
        case 2: browser.transport = .udp
        case 3:
            world.rebind(browser)
            browser.transport = .udp
        default: world.cutForgottenTCP()
        }
        browser.checkNow(at: world.now)
    }
}
