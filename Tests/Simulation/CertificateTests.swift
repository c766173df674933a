import Primitives
import SDP
import SimulationSupport
import Testing

@testable import DTLS
@testable import Gateway

/// Whose certificate is believed, and how the gateway's own is renewed while players come and go.
@Suite(.onTheSCTPStack) struct CertificateTests {
    private static let lifetime: Milliseconds = 60_000
    private static let plain = [SimulatedBrowser.Channel(0, label: "0")]

    private struct Player {
        let browser: SimulatedBrowser
        let session: SessionID
        let fingerprints: [DTLSFingerprint]
    }

    private func join(_ world: SimulatedWorld) throws -> Player {
        let browser = try world.makeBrowser(channels: Self.plain)
        let answer = try world.join(browser, route: "plain")
        let description = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
        return Player(browser: browser, session: answer.session, fingerprints: description.fingerprints)
    }

    private func expectEcho(_ world: SimulatedWorld, _ player: Player, _ byte: UInt8) {
        player.browser.send([byte], stream: 0)
        #expect(world.run(for: 5_000) { _ in player.browser.received.last?.payload == [byte] })
    }

    private func leave(_ world: SimulatedWorld, _ player: Player) {
        player.browser.close()
        #expect(world.run(for: 5_000) { $0.endReason(of: player.session) != nil })
    }

    @Test func sessionsGoOnWithTheCertificateTheirAnswerNamed() throws {
        let world = try SimulatedWorld(seed: 1) { $0.certificateLifetime = Self.lifetime }
        world.watch()
        // The world's first context is shared with other worlds; this is about one that only its sessions hold.
        world.run(for: Self.lifetime)
        let early = try join(world)
        try #require(world.play([early.session]))
        weak let first = world.core.certificates.context

        // Answered before the renewal, and its datagrams come after it.
        world.run(for: 59_000)
        let late = try join(world)
        #expect(late.fingerprints == early.fingerprints)
        world.network.blackouts[late.browser.address.host] = world.now + 4_000
        world.run(for: 2_000)
        let next = try join(world)
        #expect(next.fingerprints != early.fingerprints && next.fingerprints.count == 1)
        #expect(world.core.certificates.context !== first)
        #expect(world.play([next.session, late.session], within: 10_000))

        // Established ones, a restart of ICE included.
        for (byte, player) in [early, late, next].enumerated() { expectEcho(world, player, UInt8(byte)) }
        try world.restartICE(early.browser, early.session)
        expectEcho(world, early, 9)

        leave(world, early)
        #expect(first != nil)
        leave(world, late)
        #expect(first == nil)
        expectEcho(world, next, 3)
        leave(world, next)
        world.expectNothingLeft()
    }

    /// Joins all the time over several renewals, on a network that loses datagrams.
    @Test(arguments: [1, 2, 3] as [UInt64]) func joinsAcrossManyRenewals(seed: UInt64) throws {
        let world = try SimulatedWorld(seed: seed) { $0.certificateLifetime = 3_000 }
        world.watch(seed: seed)
        var players: [Player] = []
        for _ in 0..<40 {
            let player = try join(world)
            var link = LinkConditions(delay: 30, jitter: 20)
            link.loss = 50
            world.network.links[player.browser.address.host] = link
            players.append(player)
            world.run(for: 500)
        }
        #expect(world.play(players.map(\.session), within: 15_000))
        #expect(Set(players.flatMap(\.fingerprints)).count >= 6)
        for (number, player) in players.enumerated() { expectEcho(world, player, UInt8(number)) }
    }

    /// OpenSSL may fail: the old one goes on, and it is tried again later.
    @Test func whatCannotBeRenewedGoesOn() throws {
        let context = try DTLSContext(certificate: Certificate())
        var attempts = 0
        var rotation = CertificateRotation(context, made: .zero, lifetime: 10_000) { () throws(DTLSSetupError) in
            attempts += 1
            guard attempts > 1 else { throw DTLSSetupError("make a key") }
            return try DTLSContext(certificate: Certificate())
        }
        func renew(at seconds: UInt64) -> Bool {
            rotation.renew(at: .zero + .seconds(seconds), lifetime: 10_000)
            return rotation.context !== context
        }
        #expect(!renew(at: 9) && attempts == 0)
        #expect(!renew(at: 10) && attempts == 1)
        #expect(!renew(at: 3_609) && attempts == 1)
        #expect(renew(at: 3_610) && attempts == 2)
        #expect(renew(at: 3_619) && attempts == 2)
        #expect(renew(at: 3_620) && attempts == 3)
    }

    @Test(arguments: HashAlgorithm.allCases) func anOfferMayNameItsCertificateByAnyHash(hash: HashAlgorithm) throws {
        let certificate = try #require(SimulatedWorld.browserCertificate)
        let right = try #require(CertificateFingerprint(of: certificate.certificate, algorithm: hash))
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser(
            channels: Self.plain,
            fingerprint: DTLSFingerprint(try #require(.init(rawValue: hash.rawValue)), right.bytes))
        let session = try world.join(browser, route: "plain").session
        #expect(world.play([session]))
    }

    /// RFC 8122 §5: one of several is enough, whatever the others are.
    @Test func anOfferMayNameSeveralCertificates() throws {
        let right = try #require(SimulatedWorld.browserFingerprint)
        let world = try SimulatedWorld(seed: 1)
        let wrong = DTLSFingerprint(.sha512, [UInt8](repeating: 7, count: 64))
        let browser = try world.makeBrowser(channels: Self.plain, fingerprint: wrong)
        browser.furtherLines = [
            "a=fingerprint:\(DTLSFingerprint(.sha256, [UInt8](repeating: 8, count: 32)))",
            "a=fingerprint:sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33",
            "a=fingerprint:\(DTLSFingerprint(.sha256, right.bytes))",
        ]
        let session = try world.join(browser, route: "plain").session
        #expect(world.play([session]))
    }
}
