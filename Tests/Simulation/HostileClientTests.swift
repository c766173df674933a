import Gateway
import Primitives
import SDP
import STUN
import SimulationSupport
import Testing

/// A client that knows the protocols and means ill: with captured datagrams, with a join of its own, or with keys.
@Suite(.onTheSCTPStack) struct HostileClientTests {
    private let stranger = TransportAddress(ipv4: 0xCB00_71FE, port: 666)

    private func expectPlays(_ world: SimulatedWorld, _ browser: SimulatedBrowser) {
        let message = world.random.bytes(40)
        browser.send(message, stream: 1)
        #expect(world.run(for: 6_000) { _ in browser.received.last?.payload == message })
        #expect(browser.end == nil)
    }

    /// Whoever sees the player's datagrams can send them again from elsewhere. That is worth no more than the bytes it
    /// costs, and the player's own next check has the player back.
    @Test func replayedDatagramsDoNotKeepThePlayerAway() throws {
        let world = try SimulatedWorld(seed: 21)
        world.watch()
        let browser = try world.makeBrowser()
        var captured: [[UInt8]] = []
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        for round in 0..<10 as Range<UInt8> {
            browser.checkNow(at: world.now)
            browser.send([5, 6, round], stream: 1)
            browser.settle(at: world.now)
            captured += browser.outgoing
            world.run(for: 100)
        }
        let checks = captured.filter { $0.first.map { $0 < 4 } ?? false }
        try #require(checks.count >= 2 && captured.count > checks.count)
        for bytes in captured {
            let before = world.bytesOut
            world.inject(bytes, from: stranger)
            world.run(for: 0)
            #expect(world.bytesOut - before <= bytes.count)
        }
        expectPlays(world, browser)
        #expect(world.core.sessionCount == 1)
    }

    /// Sessions whose owners send one good check and never finish a handshake, as many as there may be.
    @Test(arguments: [DTLSSetup.active, .passive]) func halfOpenSessionsGoAway(setup: DTLSSetup) throws {
        let world = try SimulatedWorld(seed: 22) { $0.sessionLimit = 300 }
        world.watch()
        let player = try world.makeBrowser()
        let session = try world.join(player).session
        try #require(world.play([session]))
        var refusals = 0
        for index in 0..<400 {
            let browser = try world.makeBrowser(setup: setup)
            do {
                let answer = try world.join(browser)
                let remote = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
                let check = STUNMessageBuilder.bindingRequest(
                    TransactionID(high: 1, low: UInt64(index)), to: remote.credentials.ufrag,
                    password: remote.credentials.password, from: "evil", role: .controlling(tieBreaker: 1),
                    priority: 1, useCandidate: true)
                world.inject(check, from: browser.address)
                // The start of a handshake message whose rest never comes.
                world.inject(
                    [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14, 1, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 2, 254, 253],
                    from: browser.address)
            } catch {
                #expect(error as? JoinRefusal == .full)
                refusals += 1
            }
            browser.vanish()
        }
        #expect(refusals == 101)
        #expect(world.core.sessionCount == 300)
        expectPlays(world, player)
        world.run(for: 25_000)
        #expect(world.core.sessionCount == 1)
        expectPlays(world, player)
        world.ask { core, now in _ = core.leave(session, at: now) }
        world.run(for: 10_000) { $0.core.sessionCount == 0 }
        world.expectNothingLeft()
    }

    /// ABORT, SHUTDOWN and the rest with another's tag: RFC 9260 §8.5 has them ignored.
    @Test(arguments: [6, 7, 8, 9, 14] as [UInt8]) func chunksWithAWrongTagAreIgnored(type: UInt8) throws {
        let world = try SimulatedWorld(seed: 23)
        world.watch()
        let browser = try world.makeBrowser()
        var header: [UInt8] = []
        browser.forge = { packet in
            header = Array(packet.prefix(SCTPPacket.headerLength))
            return [packet]
        }
        let session = try world.join(browser).session
        try #require(world.play([session]))
        try #require(header.count == SCTPPacket.headerLength)
        var wrong = header
        wrong[5] ^= 0x40
        let value: [UInt8] = type == 7 ? [0, 0, 0, 1] : []
        let packet = SCTPPacket.with(header: wrong, chunks: SCTPPacket.chunk(type: type, flags: 0, value))
        browser.sendRecord(SCTPPacket.withChecksum(packet))
        world.run(for: 500)
        #expect(world.core.status(of: session) == .playing)
        expectPlays(world, browser)
        // The same with the right tag is the end, where it means one.
        guard type == 6 else { return }
        let right = SCTPPacket.with(header: header, chunks: SCTPPacket.chunk(type: type, flags: 0, value))
        browser.sendRecord(SCTPPacket.withChecksum(right))
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        #expect(world.endReason(of: session) == .browserClosed)
    }

    /// An INIT that hangs usrsctp 0.9.5 is counted and goes no further.
    @Test func anInitThatWouldHangIsDropped() throws {
        let world = try SimulatedWorld(seed: 24)
        world.watch()
        let browser = try world.makeBrowser()
        var header: [UInt8] = []
        browser.forge = { packet in
            header = Array(packet.prefix(SCTPPacket.headerLength))
            return [packet]
        }
        let session = try world.join(browser).session
        try #require(world.play([session]))
        let start: [UInt8] = [0, 0, 0, 5, 0, 1, 0, 0, 0, 10, 0, 10, 0, 0, 0, 9]
        let packet = SCTPPacket.with(
            header: header[..<4] + [0, 0, 0, 0] + header[8...],
            chunks: SCTPPacket.chunk(type: 1, flags: 0, start + [0xC0, 0, 0, 0]))
        browser.sendRecord(SCTPPacket.withChecksum(packet))
        world.run(for: 100)
        expectPlays(world, browser)
        world.ask { core, now in _ = core.leave(session, at: now) }
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        #expect(world.counters(of: session)?.drops[.sctpPacketMalformed] == 1)
    }
}
