import Bridge
import Primitives
import SDP
import STUN
import SimulationSupport
import Testing

@testable import Gateway

@Suite(.onTheSCTPStack) struct GatewayCoreTests {
    @Test func refusals() throws {
        let world = try SimulatedWorld(seed: 1) { $0.sessionLimit = 2 }
        let browsers = try (0..<3).map { _ in try world.makeBrowser() }
        #expect(throws: JoinRefusal.routeUnknown("nowhere")) { try world.join(browsers[0], route: "nowhere") }
        #expect(throws: JoinRefusal.peerIDOutOfRange) { try world.join(browsers[0], peerID: 1) }
        #expect(throws: JoinRefusal.peerIDNotUsed(route: "plain")) {
            try world.join(browsers[0], route: "plain", peerID: 5)
        }
        #expect(world.core.ports.count == 0)
        try world.join(browsers[0], peerID: 5)
        #expect(throws: JoinRefusal.peerIDTaken(5)) { try world.join(browsers[1], peerID: 5) }
        #expect(world.core.ports.count == 1 && world.core.sessionCount == 1)
        try world.join(browsers[1])
        #expect(throws: JoinRefusal.full) { try world.join(browsers[2]) }
    }

    /// The answer says what the session is reached by.
    @Test func theAnswer() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let answer = try world.join(browser, peerID: 77)
        #expect(answer.peerID == 77)
        let description = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
        #expect(description.isICELite)
        #expect(description.setup == .passive)
        #expect(description.candidates.map(\.address) == [SimulatedWorld.gatewayAddress])
        #expect(description.maxMessageSize == 262_144)
        #expect(world.core.status(of: answer.session) == .joining)
    }

    /// TCP beside UDP, lower in priority, and also in the answer to an ICE restart.
    @Test func tcpCandidatesAreNamedBesideUDPs() throws {
        let outside = TransportAddress(ipv4: 0xC000_0207, port: 443)
        let inside = try #require(TransportAddress(literal: "2001:db8::7", port: 8081))
        let world = try SimulatedWorld(seed: 1) { $0.advertisedTCP = [outside, inside] }
        let browser = try world.makeBrowser()
        let answer = try world.join(browser)
        let candidates = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp)).candidates
        #expect(candidates.map(\.address) == [SimulatedWorld.gatewayAddress, outside, inside])
        #expect(candidates.map(\.transport) == [.udp, .tcpPassive, .tcpPassive])
        #expect(Set(candidates.map(\.foundation)).count == 3)
        #expect(candidates.map(\.priority) == candidates.map(\.priority).sorted(by: >))
        #expect(Set(candidates.map(\.priority)).count == 3)
        let fragment = try ICEFragment(parsing: Array(browser.beginRestart().utf8))
        let update = try world.ask { try $0.update(answer.session, fragment, iceTag: nil, at: $1) }
        guard case .restarted(let sdp, _) = update else { return #expect(Bool(false), "\(update)") }
        for candidate in candidates { #expect(sdp.contains("a=\(candidate)\r\n")) }
    }

    /// A connection belongs to the session that last proved itself on it, and to no other: the one before sends nothing
    /// there any more, and its end closes nothing.
    @Test func aConnectionThatIsUsedForAnotherSessionLeavesTheFirst() throws {
        let world = try SimulatedWorld(seed: 1)
        let first = try world.makeBrowser()
        world.connectByTCP(first)
        let one = try world.join(first).session
        try #require(world.play([one]))
        let second = try world.makeBrowser()
        second.transport = first.transport
        first.transport = .none
        let two = try world.join(second).session
        #expect(world.play([two]))
        #expect(world.core.sessions[one]?.peer.agent.selected == nil)
        #expect(world.run(for: 25_000) { $0.endReason(of: one) != nil })
        #expect(world.endReason(of: one) == .browserVanished)
        second.send([3], stream: 1)
        #expect(world.run(for: 2_000) { _ in second.received.last?.payload == [3] })
        _ = world.ask { $0.leave(two, at: $1) }
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        #expect(world.streamCount == 0)
        #expect(world.core.sessions.indexCount == 0)
    }

    /// A connection that nobody showed himself on, or that is closed twice, means nothing to the core.
    @Test func aConnectionOfNobodysMayCloseAtAnyTime() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        world.connectByTCP(browser)
        let session = try world.join(browser).session
        try #require(world.play([session]))
        guard case .tcp(let id) = browser.transport else { return #expect(Bool(false)) }
        let address = browser.address.with(port: 50_001)
        #expect(world.core.isUsed(.tcp(id, address)))
        #expect(!world.core.isUsed(.udp(address)))
        let events = world.events.count
        var outbox = Outbox()
        let stranger = Path.tcp(TCPConnectionID(number: 999), address)
        world.ask { core, now in core.pathClosed(stranger, at: now, into: &outbox) }
        #expect(outbox.events.isEmpty && outbox.connectionClosings.isEmpty)
        world.cutTCP(browser)
        #expect(!world.core.isUsed(.tcp(id, address)))
        world.ask { core, now in core.pathClosed(.tcp(id, address), at: now, into: &outbox) }
        world.run(for: 10)
        #expect(world.events.count == events)
        #expect(world.core.status(of: session) == .playing)
    }

    /// An address belongs to the session that last proved itself there.
    @Test func aPortThatIsUsedAgainBelongsToTheNewSession() throws {
        let world = try SimulatedWorld(seed: 1)
        let first = try world.makeBrowser()
        let one = try world.join(first).session
        try #require(world.play([one]))
        first.vanish()
        let second = try world.makeBrowser()
        second.address = first.address
        let two = try world.join(second).session
        #expect(world.play([two]))
        second.send([1, 2], stream: 1)
        #expect(world.run(for: 2_000) { _ in second.received.last?.payload == [1, 2] })
        // The old session ends by itself and takes the address from nobody.
        world.run(for: 25_000) { $0.endReason(of: one) != nil }
        #expect(world.endReason(of: one) == .browserVanished)
        second.send([3], stream: 1)
        #expect(world.run(for: 2_000) { _ in second.received.last?.payload == [3] })
    }

    @Test func slotsOfEarlierSessionsFindNothing() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        let slot = try #require(world.sockets.keys.first)
        browser.close()
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        let next = try world.makeBrowser()
        try world.join(next)
        let before = world.core.drops[.sessionUnknown]
        world.ask { core, now in [1, 2, 3].withUnsafeBytes { core.receive($0, fromServerOf: slot, at: now) } }
        #expect(world.core.drops[.sessionUnknown] == before + 1)
        #expect(world.core.status(of: session) == .ended(.browserClosed))
    }

    /// A NAT that forgot: the next check moves the session, and what waited arrives.
    @Test func theBrowserMoves() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        world.rebind(browser)
        browser.send([9], stream: 1)
        #expect(world.run(for: 6_000) { _ in browser.received.last?.payload == [9] })
        #expect(
            world.events.contains { event in
                if case .moved(.udp(browser.address)) = event.kind { return true }
                return false
            })
        #expect(world.core.totals.drops[.datagramFromStranger] + world.core.drops[.datagramFromStranger] > 0)
    }

    /// A retransmission is SCTP's own idea: it must leave although nothing arrives for the session.
    @Test func retransmissionsLeaveByThemselves() throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        world.run(for: 200)
        let player = try #require(world.server.players.keys.first)
        world.network.blackouts[browser.address.host] = world.now + 100
        world.server.send([1, 2, 3], channel: 0, .reliable, to: player)
        // By id, ufrag, address and association: the last is how packets that usrsctp's timers make find the session.
        #expect(world.core.sessions.indexCount == 4)
        // Well before the browser's next check.
        #expect(world.run(for: 1_200) { _ in !browser.received.isEmpty })
        #expect(browser.received.first?.payload == [1, 2, 3])
    }
}
