import Foundation
import Primitives
import SCTP
import SDP
import SimulationSupport
import Testing

@testable import Gateway

/// Joins whose association is set up by offer and answer (draft-hancke-tsvwg-snap).
@Suite(.onTheSCTPStack) struct SNAPJoinTests {
    /// Announced channels of a page that is DTLS server, as it mostly is with SNAP, or client (RFC 8832 §6).
    private static func labelled(isClient: Bool = false) -> [SimulatedBrowser.Channel] {
        let odd: UInt16 = isClient ? 0 : 1
        return [
            .init(odd, label: "0"), .init(2 + odd, label: "1", ordered: false, limit: .retransmissions(0)),
        ]
    }

    private func readAnswer(_ answer: JoinAnswer) throws -> DataChannelDescription {
        try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
    }

    /// How long the browser waits for its channels, on a path whose round trip takes a second: no timer that is not
    /// part of the handshake can hide in it.
    private func roundTripsToOpen(offersSNAP: Bool, setup: DTLSSetup) throws -> Double {
        let world = try SimulatedWorld(seed: 3)
        let browser = try world.makeBrowser(setup: setup, offersSNAP: offersSNAP)
        world.network.links[browser.address.host] = LinkConditions(delay: 500)
        let start = world.now
        try world.join(browser)
        world.run(for: 10_000) { _ in browser.isOpen }
        return Double(try #require(browser.openedAt).since(start).whole) / 1000
    }

    /// As DTLS client the gateway opens it in two round trips, as server in three; set up on the wire it takes one
    /// more at least.
    @Test func itOpensEarlier() throws {
        #expect(try roundTripsToOpen(offersSNAP: true, setup: .actpass) == 2)
        #expect(try roundTripsToOpen(offersSNAP: true, setup: .passive) == 2)
        #expect(try roundTripsToOpen(offersSNAP: true, setup: .active) == 3)
        #expect(try roundTripsToOpen(offersSNAP: false, setup: .actpass) >= 4)
    }

    @Test(arguments: [DTLSSetup.actpass, .active, .passive], [true, false])
    func itPlays(setup: DTLSSetup, isGodot: Bool) throws {
        let world = try SimulatedWorld(seed: 4)
        let odd: UInt16 = setup == .active ? 0 : 1
        let browser = try world.makeBrowser(
            channels: isGodot ? SimulatedBrowser.Channel.godot : Self.labelled(isClient: setup == .active),
            setup: setup, offersSNAP: true)
        var types: Set<UInt8> = []
        browser.forge = { packet in
            types.insert(packet[SCTPPacket.headerLength])
            return [packet]
        }
        let answer = try world.join(browser, route: isGodot ? "godot" : "plain")
        let description = try readAnswer(answer)
        #expect(description.sctpInit != nil && browser.isAccelerated)
        #expect(description.setup == (setup == .active ? .passive : .active))
        try #require(world.play([answer.session]))
        if !isGodot {
            browser.send(world.random.bytes(200_000), stream: odd)
            #expect(world.run(for: 10_000) { _ in browser.received.last?.payload.count == 200_000 })
            #expect(browser.acknowledgedStreams == [odd, 2 + odd])
            #expect(browser.closeChannel(stream: 2 + odd))
            #expect(world.run(for: 2_000) { _ in browser.resetStreams == [2 + odd] })
        }
        // Neither INIT, INIT ACK, COOKIE ECHO nor COOKIE ACK.
        #expect(types.isDisjoint(with: [1, 2, 10, 11]))
        _ = world.ask { core, now in core.leave(answer.session, at: now) }
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        #expect(browser.signs.first == .aborted)
        #expect(world.core.sessions.indexCount == 0)
    }

    @Test func withoutAnOfferItIsNotMentioned() throws {
        let world = try SimulatedWorld(seed: 4)
        let answer = try world.join(world.makeBrowser())
        #expect(!answer.sdp.contains("sctp-init"))
        #expect(try readAnswer(answer).setup == .passive)
    }

    /// What is not sound is not answered, and the join goes on as though it had not been there.
    @Test(arguments: [
        "", "AQAA", "!!!!", "AQAAHAAAAAAAUAAA/////+B5ZR3AAAAEgAgABoLA", "AgAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA",
    ])
    func anUnsoundOfferIsNotAnswered(value: String) throws {
        let world = try SimulatedWorld(seed: 4)
        let browser = try world.makeBrowser(offersSNAP: true)
        browser.forgedInit = value
        let answer = try world.join(browser)
        #expect(!answer.sdp.contains("sctp-init"))
        #expect(world.play([answer.session]))
    }

    /// Nobody comes: nothing is sent, nothing runs out before the join does, and nothing stays.
    @Test func aJoinThatNeverCompletes() throws {
        let before = SCTPStack.shared.associationCount
        let world = try SimulatedWorld(seed: 4)
        let browser = try world.makeBrowser(offersSNAP: true)
        let answer = try world.join(browser)
        #expect(SCTPStack.shared.associationCount == before + 2)
        browser.vanish()
        world.run(for: 14_000)
        #expect(world.endReason(of: answer.session) == nil)
        world.run(for: 2_000)
        #expect(world.endReason(of: answer.session) == .joinTimedOut(.ice))
        #expect(world.datagramsOut == 0)
        #expect(world.core.sessions.indexCount == 0 && world.core.ports.count == 0)
        #expect(SCTPStack.shared.associationCount == before)
    }

    /// ICE succeeds late and DTLS slowly: the association waits for them, however long within the join's time.
    @Test func aSlowJoinCompletes() throws {
        let world = try SimulatedWorld(seed: 4)
        let browser = try world.makeBrowser(offersSNAP: true)
        world.network.blackouts[browser.address.host] = world.now + 9_000
        let answer = try world.join(browser)
        #expect(world.play([answer.session], within: 14_500))
        #expect(browser.isAccelerated)
    }

    /// The page lies about its tag, its TSN or its window: its packets count for nothing, and nobody else is hurt.
    @Test(arguments: 4..<20) func anINITThatLies(position: Int) throws {
        let world = try SimulatedWorld(seed: 4)
        let liar = try world.makeBrowser(channels: Self.labelled(), offersSNAP: true)
        var bytes: [UInt8] = [1, 0, 0, 20, 1, 2, 3, 4, 0, 8, 0, 0, 1, 4, 1, 4, 5, 6, 7, 8]
        bytes[position] ^= 0xFF
        liar.forgedInit = Data(bytes).base64EncodedString()
        let lie = try world.join(liar, route: "plain")
        #expect(liar.isAccelerated)
        let browser = try world.makeBrowser(offersSNAP: true)
        let honest = try world.join(browser)
        liar.send([1], stream: 1)
        world.run(for: 30_000)
        #expect(world.core.status(of: honest.session) == .playing)
        _ = world.ask { core, now in core.leave(lie.session, at: now) }
        browser.close()
        #expect(world.run(for: 10_000) { $0.core.sessionCount == 0 })
        #expect(world.core.sessions.indexCount == 0)
    }

    /// The answer's value is that of the association: a restart of ICE neither names nor changes it.
    @Test func anICERestartLeavesItAlone() throws {
        let world = try SimulatedWorld(seed: 4)
        let browser = try world.makeBrowser(channels: Self.labelled(), offersSNAP: true)
        let answer = try world.join(browser, route: "plain")
        try #require(world.play([answer.session]))
        world.rebind(browser)
        try world.restartICE(browser, answer.session)
        browser.send([7], stream: 1)
        #expect(world.run(for: 5_000) { _ in browser.received.last?.payload == [7] })
    }
}
