import DTLS
import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// Servers behind DTLS: the same play, and every way in which there is none.
@Suite(.onTheSCTPStack) struct SecuredServerTests {
    private static let server = SimulatedWorld.serverAddress

    private func join(
        front: SecuredFront, security: ServerSecurity? = nil, configure: (SimulatedWorld) -> Void = { _ in }
    ) throws -> (SimulatedWorld, SimulatedBrowser, SessionID) {
        let world = try SimulatedWorld(seed: 1, front: front) { configuration in
            if let security { configuration.routes["godot"]?.security = security }
        }
        world.watch()
        configure(world)
        let browser = try world.makeBrowser()
        return (world, browser, try world.join(browser, peerID: 42).session)
    }

    /// Milliseconds until the session was gone.
    private func runToTheEnd(_ world: SimulatedWorld, within limit: Milliseconds = 10_000) -> UInt64? {
        let start = world.now
        guard world.run(for: limit, until: { $0.core.sessionCount == 0 }) else { return nil }
        return world.now.since(start).whole
    }

    @Test func messagesGoThereAndBack() throws {
        let front = try SecuredFront()
        let (world, browser, session) = try join(front: front)
        try #require(world.play([session]))
        let messages: [[UInt8]] = [[1, 2, 3], [], world.random.bytes(60_000), [4]]
        for message in messages { browser.send(message, stream: 1) }
        #expect(world.run(for: 3_000) { _ in browser.received.count == messages.count })
        #expect(browser.received.map(\.payload) == messages)
        #expect(front.handshakes == 1 && front.helloVerifyRequests == 1 && front.closures == 0)
        // ENet's datagrams at their largest, and what DTLS adds.
        #expect(front.largestReceived == ClientConfiguration().mtu + front.security.datagramOverhead)
        #expect(ServerSecurity.none.datagramOverhead == 0 && front.security.datagramOverhead == 37)
        // ENet's end first, which the server acknowledges, then DTLS's.
        browser.close()
        #expect(runToTheEnd(world) != nil)
        world.run(for: 100)
        #expect(world.endReason(of: session) == .browserClosed)
        #expect(world.server.disconnected == [42: 1])
        #expect(front.closures == 1)
        world.expectNothingLeft()
    }

    /// Through WireGuard: an IPv4 packet with a record in it is 1,420 bytes at most.
    @Test func recordsFitTheWay() throws {
        let front = try SecuredFront()
        let world = try SimulatedWorld(seed: 1, front: front) { $0.routes["godot"]?.servers[0].linkMTU = 1420 }
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        browser.send(world.random.bytes(60_000), stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.count == 1 })
        #expect(front.largestReceived == 1420 - 20 - 8)
    }

    @Test func aKickArrivesWithItsData() throws {
        let front = try SecuredFront()
        let (world, browser, session) = try join(front: front)
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        let sent = (0..<10).map { _ in world.random.bytes(20_000) }
        for bytes in sent { world.server.send(bytes, channel: 0, .reliable, to: player) }
        world.server.kick(player, data: 7)
        #expect(runToTheEnd(world) != nil)
        #expect(world.endReason(of: session) == .serverClosed(data: 7))
        world.run(for: 200)
        #expect(browser.received.map(\.payload) == sent)
        #expect(front.closures == 1)
        world.expectNothingLeft()
    }

    /// The join fails, the page learns why, and the server's game has not heard of anyone.
    @Test func aCertificateThatFailsEndsTheJoin() throws {
        let stranger = try TestCertificate("Root", isAuthority: true)
        let (world, browser, session) = try join(
            front: SecuredFront(), security: .dtls(.name(stranger.authorities), name: SecuredFront.name))
        let took = try #require(runToTheEnd(world))
        #expect(took < 500)
        guard case .serverCertificateRefused(let words)? = world.endReason(of: session) else {
            Issue.record("it ended as \(String(describing: world.endReason(of: session)))")
            return
        }
        #expect(words.contains("certificate"))
        #expect(world.core.status(of: session) == .ended(.serverCertificateRefused(words)))
        #expect(world.server.players.isEmpty && world.server.received.isEmpty)
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    @Test func aWrongPinEndsTheJoin() throws {
        let pin = CertificateFingerprint(algorithm: .sha256, bytes: [UInt8](repeating: 7, count: 32))
        let (world, _, session) = try join(front: SecuredFront(), security: .dtls(.pin(pin), name: "x"))
        #expect(runToTheEnd(world) != nil)
        #expect(
            world.endReason(of: session)?.sentence
                == "The game server's certificate was refused: it is not the one that is pinned.")
    }

    @Test func aServerWithoutDTLSIsFoundOut() throws {
        let (world, _, session) = try join(front: SecuredFront()) { $0.addServer(at: Self.server) }
        let took = try #require(runToTheEnd(world))
        #expect((4_900...5_500).contains(took))
        #expect(world.endReason(of: session) == .serverDTLSTimedOut)
        world.expectNothingLeft()
    }

    @Test(arguments: [true, false]) func noServerAtAll(saysSo: Bool) throws {
        let world = try SimulatedWorld(seed: 1, hasServer: false, front: SecuredFront())
        world.watch()
        world.sendsUnreachable = saysSo
        let session = try world.join(world.makeBrowser()).session
        let took = try #require(runToTheEnd(world))
        #expect(took < (saysSo ? 500 : 5_500))
        #expect(world.endReason(of: session) == (saysSo ? .serverNotThere : .serverDTLSTimedOut))
        world.expectNothingLeft()
    }

    /// No suite in common: the server ends the handshake with an alert.
    @Test func aHandshakeThatFailsSaysWhy() throws {
        let certificate = try TestCertificate("any")
        let front = try SecuredFront(
            chain: [certificate], security: .dtls(.pin(certificate.fingerprint), name: "x"),
            suites: "ECDHE-ECDSA-AES128-SHA256")
        let (world, _, session) = try join(front: front)
        let took = try #require(runToTheEnd(world))
        #expect(took < 500)
        guard case .serverDTLSFailed(let words)? = world.endReason(of: session) else {
            Issue.record("it ended as \(String(describing: world.endReason(of: session)))")
            return
        }
        #expect(words.contains("handshake failure"), "\(words)")
        world.expectNothingLeft()
    }

    /// The patience with a server covers the handshake and ENet's CONNECT together.
    @Test func aServerThatFallsSilentAfterTheHandshakeIsNotWaitedForTwice() throws {
        let front = try SecuredFront()
        let (world, _, session) = try join(front: front) {
            $0.network.links[Self.server.host] = LinkConditions(delay: 400)
        }
        let start = world.now
        #expect(world.run(for: 5_000) { _ in front.handshakes == 1 })
        world.server.isGone = true
        #expect(runToTheEnd(world) != nil)
        #expect(world.endReason(of: session) == .serverNotThere)
        #expect((4_900...5_500).contains(world.now.since(start).whole))
        world.expectNothingLeft()
    }

    @Test func aRefusalIsStillFound() throws {
        let (world, _, session) = try join(front: SecuredFront()) { $0.server.behaviour = .refusesSilently }
        #expect(runToTheEnd(world) != nil)
        #expect(world.endReason(of: session) == .serverRefused)
        world.expectNothingLeft()
    }

    @Test func aServerThatOnlyClosesDTLSHasLeft() throws {
        let front = try SecuredFront()
        let (world, browser, session) = try join(front: front)
        try #require(world.play([session]))
        let address = try #require(front.addresses.first)
        front.close(address, at: world.now)
        world.server.send([1], channel: 0, .reliable, to: try #require(world.server.player(42)))
        #expect(runToTheEnd(world) != nil)
        #expect(world.endReason(of: session) == .serverClosed(data: 0))
        world.run(for: 100)
        #expect(browser.end != nil)
    }

    /// A page that is gone before the server has answered leaves nothing behind.
    @Test func aPageThatLeavesInTheMiddleOfTheHandshake() throws {
        let front = try SecuredFront()
        let (world, _, session) = try join(front: front) {
            $0.network.links[Self.server.host] = LinkConditions(delay: 300)
        }
        #expect(world.run(for: 5_000) { _ in front.helloVerifyRequests == 1 })
        world.ask { core, now in _ = core.leave(session, at: now) }
        let took = try #require(runToTheEnd(world))
        #expect(took < 100)
        #expect(world.endReason(of: session) == .playerLeft)
        #expect(world.server.players.isEmpty)
        world.expectNothingLeft()
    }

    /// Whoever can forge the server's address: garbage, ENet without DTLS, records nobody sealed; before and after.
    @Test func forgedDatagramsAreCountedAndChangeNothing() throws {
        let front = try SecuredFront()
        let (world, browser, session) = try join(front: front) {
            $0.network.links[Self.server.host] = LinkConditions(delay: 100)
        }
        var forged: UInt64 = 0
        func forge() throws {
            let socket = try #require(world.sockets.values.first)
            // ENet's DISCONNECT, a record of epoch 1, and noise.
            let datagrams: [[UInt8]] = [
                [0x0F, 0xFF, 0, 0, 4, 0xFF, 0, 1, 0, 0, 0, 7],
                [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 30] + world.random.bytes(30),
                [21, 254, 253, 0, 1, 0, 0, 0, 0, 0, 8, 0, 2, 2, 40],
                world.random.bytes(2_000).map { $0 | 64 },
            ]
            for datagram in datagrams { world.network.send(datagram, from: Self.server, to: socket, at: world.now) }
            forged += UInt64(datagrams.count)
        }
        #expect(world.run(for: 5_000) { !$0.sockets.isEmpty })
        try forge()
        #expect(world.run(for: 5_000) { _ in front.helloVerifyRequests == 1 })
        try forge()
        try #require(world.play([session]))
        try forge()
        browser.send([1, 2, 3], stream: 1)
        #expect(world.run(for: 3_000) { _ in browser.received.map(\.payload) == [[1, 2, 3]] })
        browser.close()
        #expect(runToTheEnd(world) != nil)
        let drops = try #require(world.counters(of: session)?.drops)
        // Sealed ones that come before there are keys wait for them, and are dropped by OpenSSL then.
        #expect((forged - 2...forged).contains(drops[.serverRecordRejected]), "\(drops.nonZero)")
        #expect(drops.total == drops[.serverRecordRejected])
        world.expectNothingLeft()
    }

    @Test func routesWithAndWithoutDTLSLiveSideBySide() throws {
        let front = try SecuredFront()
        let plain = TransportAddress(ipv4: 0xC633_6402, port: 7777)
        let world = try SimulatedWorld(seed: 1, front: front) {
            $0.routes["open"] = Route(name: "open", profile: .godot4, server: plain)
        }
        world.addServer(at: plain)
        world.watch()
        let (one, other) = (try world.makeBrowser(), try world.makeBrowser())
        let sessions = [try world.join(one).session, try world.join(other, route: "open").session]
        #expect(world.play(sessions))
        #expect(front.handshakes == 1)
        #expect(world.servers[plain]?.players.count == 1)
    }

    /// Random players over DTLS that also loses, doubles and damages datagrams.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func everySeedKeepsTheInvariants(seed: UInt64) async throws {
        await Task.yield()
        let play = try RandomPlay(seed: seed, isSecured: true)
        let complaints = play.run()
        #expect(complaints.isEmpty, "seed \(seed) (\(play.description))")
    }
}
