import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// Captures of sessions: what is in them and what is not, and how they end.
@Suite(.onTheSCTPStack) struct CaptureTests {
    /// Command numbers of libenet's protocol.h.
    private static let sends: Set<UInt8> = [6, 7, 8, 9, 12]

    enum Way: CaseIterable {
        case plain, godot, compressed, secured, datagrams, accelerated, overTCP

        func play(_ payloads: CaptureOptions.Payloads) throws -> CapturedPlay {
            switch self {
            case .plain: try CapturedPlay("plain", payloads: payloads)
            case .godot: try CapturedPlay("godot", payloads: payloads)
            case .compressed: try CapturedPlay("godot", payloads: payloads, compression: .zstd)
            case .secured: try CapturedPlay("godot", payloads: payloads, front: SecuredFront())
            case .datagrams: try CapturedPlay("raw", payloads: payloads)
            case .accelerated: try CapturedPlay("plain", payloads: payloads, offersSNAP: true)
            case .overTCP: try CapturedPlay("plain", payloads: payloads, isOverTCP: true)
            }
        }

        var stream: UInt16 {
            switch self {
            case .godot, .compressed, .secured, .accelerated: 1
            case .plain, .datagrams, .overTCP: 0
            }
        }
    }

    @Test(arguments: Way.allCases) func payloadsAreZerosUnlessAskedFor(way: Way) throws {
        for payloads in [CaptureOptions.Payloads.zeroed, .kept] {
            let play = try way.play(payloads)
            play.exchange(20, stream: way.stream)
            let file = try play.stop()
            let isKept = payloads == .kept
            #expect(CapturedPlay.holds(file, CapturedPlay.secret) == isKept)
            #expect(CapturedPlay.holds(file, Array(play.session.description.utf8)) == false)
            let capture = try CaptureFile(file)
            // Both ways, on both legs.
            for interface in [0, 1] as [UInt32] {
                let messages = capture.packets.filter { packet in
                    packet.interface == interface && packet.payload.count > CapturedPlay.secret.count
                }
                #expect(Set(messages.map(\.direction)) == [1, 2])
                let isThere = messages.contains { CapturedPlay.holds($0.payload, CapturedPlay.secret) }
                #expect(isThere == isKept)
            }
            #expect(capture.comment?.contains(isKept ? "with all" : "zeros stand for") == true)
        }
    }

    @Test func packetsHaveTheirEndsTheirTimesAndTheirOrder() throws {
        let play = try CapturedPlay()
        play.exchange(5, stream: 1)
        play.world.run(for: 1_000)
        play.exchange(5, stream: 1)
        let end = play.world.now
        let capture = try CaptureFile(try play.stop())
        let socket = try #require(play.world.sockets.values.first)
        let browser: [UInt8] = [203, 0, 113, 1]
        let gateway: [UInt8] = [192, 0, 2, 1]
        let server: [UInt8] = [198, 51, 100, 1]
        for packet in capture.packets {
            let remote = packet.interface == 0 ? browser : server
            #expect(packet.direction == 1 ? packet.source == remote : packet.destination == remote)
            #expect(packet.direction == 1 ? packet.destination == gateway : packet.source == gateway)
            #expect(packet.bytes[9] == (packet.interface == 0 ? 132 : 17))
            if packet.interface == 1 {
                let ports = packet.bytes[20..<24]
                let own = [UInt8(socket.port >> 8), UInt8(socket.port & 0xFF)]
                #expect(Array(packet.direction == 1 ? ports.suffix(2) : ports.prefix(2)) == own)
            }
        }
        let times = capture.packets.map(\.time)
        #expect(times == times.sorted())
        #expect(try #require(times.first) >= CapturedPlay.time)
        let span = end.nanoseconds - play.started.nanoseconds
        #expect(try #require(times.last) <= CapturedPlay.time + span)
        #expect(try #require(times.last) > CapturedPlay.time + 1_000_000_000)
    }

    /// Begun in the middle, with what the shell knows.
    @Test func theSocketsAddressCanBeToldAtTheStart() throws {
        let play = try CapturedPlay()
        _ = try play.stop()
        let socket = TransportAddress(ipv4: 0xC000_0209, port: 4321)
        let capture = try play.world.ask {
            try $0.startCapture(of: play.session, CaptureOptions(), serverSocket: socket, time: 0, at: $1)
        }
        play.exchange(1, stream: 1)
        let packets = try CaptureFile(try #require(play.world.core.takeCaptured(capture)).bytes).packets
        #expect(
            packets.contains { $0.interface == 1 && $0.source == [192, 0, 2, 9] && $0.bytes[20...21] == [16, 225] })
    }

    @Test func whatIsCapturedIsWhatTheSessionCounts() throws {
        let play = try CapturedPlay()
        play.exchange(30, stream: 1)
        let capture = try CaptureFile(try play.stop())
        for (interface, statistics) in capture.statistics.enumerated() {
            #expect(statistics.dropped == 0)
            #expect(statistics.received == UInt64(capture.packets.filter { $0.interface == interface }.count))
            #expect(statistics.comment == CaptureEnd.stopped.sentence)
        }
        play.browser.close()
        #expect(play.world.run(for: 3_000) { $0.core.sessionCount == 0 })
        let counters = try #require(play.world.counters(of: play.session))
        for (direction, count) in [(2, counters.messagesToServer), (1, counters.messagesToBrowser)] as [(UInt8, UInt64)]
        {
            let sent = capture.packets.filter { $0.interface == 1 && $0.direction == direction }
                .map { Self.sendCommands($0.payload) }.reduce(0, +)
            #expect(UInt64(sent) == count && count == 30)
        }
    }

    /// SEND commands of a datagram that has nothing else but short ones with a length at their end.
    private static func sendCommands(_ datagram: [UInt8]) -> Int {
        let sizes = [0, 8, 48, 44, 8, 4, 6, 8, 24, 8, 12, 16, 24]
        var offset = datagram[0] & 0x80 == 0 ? 2 : 4
        var count = 0
        while offset < datagram.count {
            let kind = datagram[offset] & 0x0F
            guard Int(kind) < sizes.count, sizes[Int(kind)] > 0 else { return count }
            if sends.contains(kind) {
                count += 1
                let length = offset + (kind == 6 ? 4 : 6)
                offset += Int(datagram[length]) << 8 | Int(datagram[length + 1])
            }
            offset += sizes[Int(kind)]
        }
        return count
    }

    /// As many datagrams leave, at the same times; the bytes of handshakes differ each time.
    @Test func aCaptureChangesNothing() throws {
        let play = try CapturedPlay()
        play.exchange(20, stream: 1)
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        for number in 0..<20 as Range<UInt8> { browser.send(CapturedPlay.secret + [number], stream: 1) }
        #expect(world.run(for: 3_000) { _ in browser.received.count == 20 })
        #expect(world.now == play.world.now)
        #expect(world.datagramsOut == play.world.datagramsOut)
    }

    @Test func piecesAreTheFile() throws {
        let play = try CapturedPlay()
        var file: [UInt8] = []
        for _ in 0..<5 {
            play.exchange(3, stream: 1)
            let piece = try #require(play.take())
            #expect(!piece.bytes.isEmpty && piece.end == nil)
            file += piece.bytes
        }
        file += try play.stop()
        let capture = try CaptureFile(file)
        #expect(capture.statistics.map(\.received).reduce(0, +) == UInt64(capture.packets.count))
    }

    // MARK: - Ends

    @Test func itEndsAfterItsTime() throws {
        let play = try CapturedPlay(duration: .seconds(2))
        play.exchange(3, stream: 1)
        #expect(play.world.run(for: 3_000) { $0.core.hasCaptured(play.capture) && $0.now.since(play.started) >= 2_000 })
        play.exchange(3, stream: 1)
        let piece = try #require(play.take())
        #expect(piece.end == .durationReached)
        let capture = try CaptureFile(piece.bytes)
        #expect(try #require(capture.packets.last).time <= CapturedPlay.time + 2_000_000_000)
        #expect(capture.statistics.first?.comment == CaptureEnd.durationReached.sentence)
        #expect(play.world.ask { core, now in core.stopCapture(play.capture, at: now) } == false)
    }

    @Test func itEndsWithItsBytes() throws {
        let play = try CapturedPlay(byteLimit: 16_384)
        play.exchange(200, stream: 1)
        let piece = try #require(play.take())
        #expect(piece.end == .byteLimitReached)
        #expect(piece.bytes.count <= 16_384 && piece.bytes.count > 13_000)
        let capture = try CaptureFile(piece.bytes)
        #expect(capture.statistics.map(\.dropped).reduce(0, +) == 1)
    }

    /// Its last packets are the ones that tell why.
    @Test func itEndsWithTheSessionAndOutlivesIt() throws {
        let play = try CapturedPlay()
        play.exchange(3, stream: 1)
        play.world.server.kick(try #require(play.world.server.player(42)), data: 7)
        #expect(play.world.run(for: 5_000) { $0.core.sessionCount == 0 })
        let piece = try #require(play.take())
        #expect(piece.end == .sessionEnded(.serverClosed(data: 7)))
        let capture = try CaptureFile(piece.bytes)
        #expect(capture.statistics.last?.comment == "The session ended (server-closed).")
        // SCTP's ABORT to the browser, and ENet's DISCONNECT from the server.
        #expect(capture.packets.last { $0.interface == 0 }?.payload[12] == 6)
        #expect(capture.packets.contains { $0.interface == 1 && $0.direction == 1 && $0.payload[4] & 0x0F == 4 })
        #expect(play.take() == nil)
    }

    @Test func whatNobodyFetchesIsForgotten() throws {
        let play = try CapturedPlay(duration: .seconds(1))
        play.world.run(for: .seconds(30))
        #expect(play.world.core.hasCaptured(play.capture))
        play.world.run(for: .seconds(32))
        #expect(play.take() == nil)
    }

    /// Though there is nothing else left for which the core would have to be woken.
    @Test func whatIsLeftOfASessionIsForgottenToo() throws {
        let play = try CapturedPlay()
        play.browser.close()
        #expect(play.world.run(for: 3_000) { $0.core.sessionCount == 0 })
        #expect(play.world.core.nextDeadline != nil)
        play.world.run(for: .seconds(62))
        #expect(play.world.core.nextDeadline == nil)
        #expect(play.take() == nil)
    }

    @Test func aDiscardedCaptureIsGone() throws {
        let play = try CapturedPlay()
        play.world.ask { core, now in core.discardCapture(play.capture, at: now) }
        #expect(play.take() == nil)
        play.exchange(3, stream: 1)
    }

    // MARK: - Refusals

    @Test func thereAreOnlySoMany() throws {
        let world = try SimulatedWorld(seed: 3)
        let options = try CaptureOptions(duration: .seconds(1))
        func start(_ session: SessionID) throws -> CaptureID {
            try world.ask { try $0.startCapture(of: session, options, time: 0, at: $1) }
        }
        let sessions = try (0..<5).map { _ in try world.join(try world.makeBrowser()).session }
        let captures = try sessions.prefix(4).map { try start($0) }
        #expect(throws: CaptureRefusal.alreadyCaptured) { try start(sessions[0]) }
        #expect(throws: CaptureRefusal.tooMany) { try start(sessions[4]) }
        #expect(throws: CaptureRefusal.sessionUnknown) {
            try start(try #require(SessionID("00000000000000000000000000000000")))
        }
        world.run(for: 1_500)
        // Over, but not fetched.
        #expect(throws: CaptureRefusal.tooMany) { try start(sessions[4]) }
        #expect(world.core.takeCaptured(captures[0])?.end == .durationReached)
        #expect(try start(sessions[0]) != captures[0])
    }

    @Test func optionsHaveBounds() {
        #expect(throws: CaptureOptionsFault.duration) { try CaptureOptions(duration: 999) }
        #expect(throws: CaptureOptionsFault.duration) { try CaptureOptions(duration: .seconds(601)) }
        #expect(throws: CaptureOptionsFault.byteLimit) { try CaptureOptions(byteLimit: 16_383) }
        #expect(throws: CaptureOptionsFault.byteLimit) { try CaptureOptions(byteLimit: 64 << 20 + 1) }
        #expect(CaptureOptionsFault.duration.description == "A capture lasts 1 to 600 seconds.")
    }
}
