import Foundation
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// Against the `openssl` program, and OpenSSL without cookies.
@Suite(.serialized) struct HandshakeProbeTests {
    private static let program = "/usr/bin/openssl"
    private static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private static func farewell(_ bytes: [UInt8], _ probe: HandshakeProbe) -> [UInt8]? {
        bytes.withUnsafeBytes { probe.farewell(to: $0) }
    }

    /// Asks until there is an answer, as the server may not listen yet; the farewell to it.
    private func ask(_ socket: LoopbackSocket, again: Bool) throws -> [UInt8] {
        var probe = try HandshakeProbe(serverName: "game.example")
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(20) {
            for _ in 0..<(again ? 2 : 1) {
                var packets = PacketArena()
                probe.question().withUnsafeBytes { packets.append($0) }
                socket.send(&packets)
            }
            guard let datagram = socket.receive(milliseconds: 200) else { continue }
            if let farewell = Self.farewell(datagram, probe) { return farewell }
        }
        Issue.record("no answer")
        return []
    }

    /// Both with stateless cookies and with those of a connection: the next one who asks, and then a player, find it as it was.
    @Test(.enabled(if: isThere, "the openssl program is not installed"), arguments: [["-listen"], []])
    func theServerIsReadyForTheNext(options: [String]) throws {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let free = try LoopbackSocket()
        let port = free.port
        free.close()
        let child = try Child(
            Self.program,
            ["s_server", "-dtls1_2", "-accept", "127.0.0.1:\(port)", "-cert", files.certificate, "-key", files.key]
                + ["-quiet"] + options)
        defer { child.stop() }
        for number in 0..<3 {
            let socket = try LoopbackSocket()
            socket.peerPort = port
            #expect(try ask(socket, again: number == 1).isEmpty)
        }
        // A player.
        let socket = try LoopbackSocket()
        socket.peerPort = port
        let context = try ClientContext(.pin(files.fingerprint), serverName: "game.example")
        let connection = try DTLSConnection(context: context, recordSize: 1392)
        let start = ContinuousClock.now
        func now() -> Instant { Instant(nanoseconds: UInt64((ContinuousClock.now - start) / .nanoseconds(1)) + 1) }
        connection.start(at: now())
        while connection.state == .handshaking, ContinuousClock.now - start < .seconds(20) {
            connection.advance(to: now())
            socket.send(&connection.outgoing)
            guard let datagram = socket.receive(milliseconds: 20) else { continue }
            _ = datagram.withUnsafeBytes { connection.receive($0, at: now()) }
        }
        #expect(connection.state == .established)
    }

    /// A server without cookies waits for the rest of the handshake, and repeats its part of it, until it is told.
    @Test func aServerWithoutACookieIsTold() throws {
        let server = try DTLSConnection(
            context: DTLSContext(certificate: Certificate()), role: .server, fingerprints: [])
        var probe = try HandshakeProbe(serverName: "game.example")
        // As if the first had been lost.
        _ = probe.question()
        _ = probe.question().withUnsafeBytes { server.receive($0, at: .zero + 1) }
        #expect(server.state == .handshaking && server.nextDeadline != nil)
        var farewells: [[UInt8]] = []
        server.outgoing.forEach { datagram in
            if let farewell = probe.farewell(to: datagram) { farewells.append(farewell) }
        }
        let farewell = try #require(farewells.first)
        try #require(!farewell.isEmpty)
        _ = farewell.withUnsafeBytes { server.receive($0, at: .zero + 2) }
        #expect(server.nextDeadline == nil)
        guard case .closed(.failed(let words)) = server.state else {
            Issue.record("it is \(server.state)")
            return
        }
        #expect(words.contains("user cancelled"), "\(words)")
    }

    /// It is what players send, and asks for the name they ask for; each copy is a record of its own.
    @Test func theQuestionIsAClientHello() throws {
        var probe = try HandshakeProbe(serverName: "game.example")
        let (first, second) = (probe.question(), probe.question())
        #expect(first[0] == 22 && first[13] == 1)
        #expect(String(decoding: first, as: UTF8.self).contains("game.example"))
        #expect(first[10] == 0 && second[10] == 1 && first[11...] == second[11...])
        var nameless = try HandshakeProbe(serverName: "192.0.2.7")
        #expect(!String(decoding: nameless.question(), as: UTF8.self).contains("192.0.2.7"))
    }

    @Test func whatIsNoAnswerIsNone() throws {
        let probe = try HandshakeProbe(serverName: "game.example")
        let header: [UInt8] = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15]
        func message(_ kind: UInt8) -> [UInt8] { header + [kind] + [UInt8](repeating: 0, count: 14) }
        #expect(Self.farewell(message(3), probe) == [])
        #expect(Self.farewell(message(2), probe)?.count == 15)
        // Another message, an alert, another protocol, what is protected, and what is cut.
        #expect(Self.farewell(message(1), probe) == nil)
        for (index, byte) in [(0, 21), (0, 23), (1, 3), (4, 1)] as [(Int, UInt8)] {
            var other = message(2)
            other[index] = byte
            #expect(Self.farewell(other, probe) == nil, "\(index)")
        }
        for count in 0..<25 { #expect(Self.farewell(Array(message(2)[..<count]), probe) == nil) }
        var random = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(Self.farewell(bytes, probe) == nil)
        }
    }
}
