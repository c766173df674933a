import DataChannels
import Gateway
import Primitives
import SDP
import STUN
import SimulationSupport
import Testing

/// Bytes of ill will, from strangers and from a player's own address, while that player plays undisturbed.
@Suite(.onTheSCTPStack) struct HostileTests {
    private let stranger = TransportAddress(ipv4: 0xCB00_71FE, port: 666)

    private func playing(route: String = "godot") throws -> (SimulatedWorld, SimulatedBrowser, SessionID) {
        let world = try SimulatedWorld(seed: 9)
        world.watch()
        let channels = route == "godot" ? SimulatedBrowser.Channel.godot : [.init(0, label: "0")]
        let browser = try world.makeBrowser(channels: channels)
        let answer = try world.join(browser, route: route)
        try #require(world.play([answer.session]))
        return (world, browser, answer.session)
    }

    /// An echo must come back: the player plays.
    private func expectPlays(_ world: SimulatedWorld, _ browser: SimulatedBrowser, stream: UInt16 = 1) {
        let message = world.random.bytes(40)
        browser.send(message, stream: stream)
        #expect(world.run(for: 3_000) { _ in browser.received.last?.payload == message })
        #expect(browser.end == nil)
    }

    private func check(
        for browser: SimulatedBrowser, answer: String, key: String? = nil, useCandidate: Bool = true
    ) throws -> [UInt8] {
        let remote = try DataChannelDescription(answer: SessionDescription(parsing: answer))
        return STUNMessageBuilder.bindingRequest(
            TransactionID(high: 1, low: 2), to: remote.credentials.ufrag, password: key ?? remote.credentials.password,
            from: "evil", role: .controlling(tieBreaker: 1), priority: 1, useCandidate: useCandidate)
    }

    /// 100,000 datagrams of noise, a third of them shaped like STUN or DTLS, a thousand of them with a player's
    /// ufrag: no session state, never more bytes out than in, every one counted.
    @Test func noiseLeavesNoTrace() throws {
        let world = try SimulatedWorld(seed: 5)
        world.watch()
        let browser = try world.makeBrowser()
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        let forged = try check(for: browser, answer: answer.sdp, key: "not the password at all")
        var random = SeededRandom(seed: 77)
        let (bytesIn, bytesOut, dropsBefore) = (world.bytesIn, world.bytesOut, world.core.drops.total)
        for round in 0..<100_000 {
            var bytes: [UInt8]
            switch round % 100 {
            case 0:
                bytes = forged
            case 1..<20:
                bytes = forged
                bytes[Int.random(in: 4..<bytes.count, using: &random)] ^= 1
            case 20..<30:
                bytes = [22, 254, 253] + random.bytes(Int.random(in: 0...60, using: &random))
            default:
                bytes = random.bytes(Int.random(in: 0...64, using: &random))
            }
            let source = TransportAddress(ipv4: UInt32.random(in: 1...0xDFFF_FFFF, using: &random), port: 1000)
            world.inject(bytes, from: source)
            if round % 5_000 == 0 { expectPlays(world, browser) }
        }
        world.run(for: 10)
        #expect(world.core.sessionCount == 1)
        #expect(world.core.drops.total - dropsBefore == 100_000)
        // The player's own traffic is in both sums; each of its echoes is small beside the noise.
        #expect(world.bytesOut - bytesOut < (world.bytesIn - bytesIn) / 2)
        #expect(world.core.status(of: answer.session) == .playing)
        expectPlays(world, browser)
        #expect(world.core.drops[.stunIntegrityMismatch] >= 1_000)
        for reason: DropReason in [
            .stunMalformed, .stunFingerprintMismatch, .datagramFromStranger, .datagramFirstByteUnknown, .datagramEmpty,
        ] {
            #expect(world.core.drops[reason] > 0, "\(reason)")
        }
    }

    /// No answer to someone who knows no password is longer than what he sent.
    @Test func nothingAmplifies() throws {
        let (world, browser, session) = try playing()
        #expect(world.core.status(of: session) == .playing)
        let late = try world.makeBrowser()
        let answer = try world.join(late)
        late.vanish()
        world.run(for: 10)
        let valid = try check(for: late, answer: answer.sdp, key: "wrong password, wrong password")
        for length in stride(from: 0, through: valid.count, by: 1) {
            let before = world.bytesOut
            world.inject(Array(valid.prefix(length)), from: stranger)
            world.run(for: 0)
            #expect(world.bytesOut - before <= length)
        }
        // Short ones with a right form, too.
        for username in ["\(answer.session)", "", ":"] {
            var builder = STUNMessageBuilder(.request, transactionID: TransactionID(high: 3, low: 4))
            builder.append(usernameFor: username.utf8, from: "".utf8)
            let bytes = builder.finish()
            let before = world.bytesOut
            world.inject(bytes, from: stranger)
            world.run(for: 0)
            #expect(world.bytesOut - before <= bytes.count)
        }
        expectPlays(world, browser)
    }

    /// Every datagram of a stranger's replayed copy of the player's join changes nothing for the player.
    @Test func cutAndFlippedDatagramsFromThePlayersAddress() throws {
        let (world, browser, session) = try playing()
        var captured: [[UInt8]] = []
        browser.send([5, 6, 7], stream: 1)
        browser.settle(at: world.now)
        captured = browser.outgoing
        try #require(!captured.isEmpty)
        world.run(for: 500)
        var random = SeededRandom(seed: 3)
        for bytes in captured {
            for length in 0..<bytes.count { world.inject(Array(bytes.prefix(length)), from: browser.address) }
            for bit in 0..<(bytes.count * 8) {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                world.inject(flipped, from: browser.address)
            }
            world.inject(bytes + random.bytes(3_000), from: browser.address)
        }
        for type in 20...26 as ClosedRange<UInt8> {
            for length in [0, 1, 13, 60, 1_500] {
                let header: [UInt8] = [type, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9]
                let body = random.bytes(length)
                world.inject(header + [UInt8(length >> 8), UInt8(length & 255)] + body, from: browser.address)
            }
        }
        // A ClientHello of nobody's, in plain.
        world.inject([22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0], from: browser.address)
        // A fatal alert and a close_notify, in plain.
        world.inject([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40], from: browser.address)
        world.inject([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 1, 0], from: browser.address)
        expectPlays(world, browser)
        #expect(world.core.status(of: session) == .playing)
    }

    /// A right check from elsewhere moves the player only if it knows the password; a stranger's never does.
    @Test func aStrangerDoesNotTakeOver() throws {
        let world = try SimulatedWorld(seed: 4)
        world.watch()
        let browser = try world.makeBrowser()
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        let sent = world.datagramsOut
        world.inject(try check(for: browser, answer: answer.sdp, key: "wrong password, wrong password"), from: stranger)
        world.run(for: 0)
        #expect(world.datagramsOut - sent <= 1)
        expectPlays(world, browser)
    }

    /// SCTP packets that are none, inside good DTLS: the player's own, so the session may end, but nothing else may.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func garbageInsideDTLS(seed: UInt64) throws {
        let world = try SimulatedWorld(seed: seed)
        world.watch(seed: seed)
        let good = try world.makeBrowser()
        let evil = try world.makeBrowser()
        let sessions = [try world.join(good).session, try world.join(evil).session]
        try #require(world.play(sessions))
        var random = SeededRandom(seed: seed)
        let chunkTypes: [UInt8] = [0, 1, 2, 3, 4, 6, 7, 8, 10, 11, 14, 64, 130, 192, 193, 128]
        for _ in 0..<300 {
            var packet = random.bytes(12)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let body = random.bytes(Int.random(in: 0...40, using: &random))
                let length = Bool.random(using: &random) ? body.count + 4 : Int.random(in: 0...2_000, using: &random)
                packet += [chunkTypes.randomElement(using: &random) ?? 0, random.bytes(1)[0]]
                packet += [UInt8(length >> 8), UInt8(length & 255)] + body
            }
            evil.sendRecord(packet)
            world.run(for: 2)
        }
        evil.sendRecord([])
        expectPlays(world, good)
        #expect(world.core.status(of: sessions[0]) == .playing)
    }

    /// DCEP of all kinds of wrong is counted and the session plays on.
    @Test func malformedDCEP() throws {
        let (world, browser, session) = try playing(route: "plain")
        let open = OpenMessage(
            reliability: ChannelReliability(isOrdered: true, limit: .none), label: "label", subprotocol: "p"
        ).serialized()
        let establishment = PayloadProtocol.establishment.rawValue
        for length in 1..<open.count {
            browser.sendRaw(Array(open.prefix(length)), stream: UInt16(200 + 2 * length), identifier: establishment)
        }
        browser.sendRaw(open + [0], stream: 50, identifier: establishment)
        browser.sendRaw([2], stream: 52, identifier: establishment)
        browser.sendRaw([1], stream: 52, identifier: 9_999)
        let even = stride(from: 100, to: 160, by: 2) as StrideTo<UInt16>
        for stream in even {
            browser.open(.init(stream, label: String(repeating: "x", count: 5_000)))
        }
        browser.sendRaw(open, stream: 100, identifier: establishment)
        expectPlays(world, browser, stream: 0)
        world.run(for: 1_000)
        _ = world.ask { core, now in core.leave(session, at: now) }
        world.run(for: 2_000) { $0.core.sessionCount == 0 }
        let drops = try #require(world.counters(of: session)).drops
        #expect(drops[.channelOpenMalformed] == UInt64(open.count - 1) + 1)
        #expect(drops[.channelAckUnexpected] == 1)
        #expect(drops[.channelOpenUnexpected] == 1)
        #expect(drops[.channelProtocolUnknown] == 1)
        #expect(browser.acknowledgedStreams.isSuperset(of: even))
    }

    /// Bytes from a server's socket that ENet did not make.
    @Test func garbageFromTheServersAddress() throws {
        let (world, browser, session) = try playing()
        let socket = try #require(world.sockets.values.first)
        var random = SeededRandom(seed: 8)
        for _ in 0..<500 {
            let bytes = random.bytes(Int.random(in: 0...60, using: &random))
            world.network.send(bytes, from: SimulatedWorld.serverAddress, to: socket, at: world.now)
        }
        world.network.send(random.bytes(4_097), from: SimulatedWorld.serverAddress, to: socket, at: world.now)
        world.run(for: 100)
        expectPlays(world, browser)
        #expect(world.core.status(of: session) == .playing)
        _ = world.ask { core, now in core.leave(session, at: now) }
        world.run(for: 2_000) { $0.core.sessionCount == 0 }
        #expect(world.counters(of: session)?.drops[.serverDatagramTruncated] == 1)
    }
}
