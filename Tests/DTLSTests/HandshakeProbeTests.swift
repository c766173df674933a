import Foundation
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// Against the `openssl` program, which speaks to one client at a time: one that it still waits for keeps it from the next.
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

    /// With a cookie there is nothing to take back; without one the server is told, and is ready for the next at once. It
    /// would wait for the rest of the handshake otherwise.
    @Test(.enabled(if: isThere, "the openssl program is not installed"), arguments: [true, false])
    func theServerIsReadyForTheNext(hasCookie: Bool) throws {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let free = try LoopbackSocket()
        let port = free.port
        free.close()
        let child = try Child(
            Self.program,
            ["s_server", "-dtls1_2", "-accept", "127.0.0.1:\(port)", "-cert", files.certificate, "-key", files.key]
                + ["-quiet"] + (hasCookie ? ["-listen"] : []))
        defer { child.stop() }
        for number in 0..<3 {
            let socket = try LoopbackSocket()
            socket.peerPort = port
            let farewell = try ask(socket, again: number == 1)
            #expect(farewell.isEmpty == hasCookie)
            guard !farewell.isEmpty else { continue }
            var packets = PacketArena()
            farewell.withUnsafeBytes { packets.append($0) }
            socket.send(&packets)
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
