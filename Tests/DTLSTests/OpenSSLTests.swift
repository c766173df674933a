import Foundation
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// Against the `openssl` program over loopback UDP, in both roles.
@Suite(.serialized) struct OpenSSLTests {
    private static let program = "/usr/bin/openssl"
    private static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program) }

    @Test(.enabled(if: isThere, "the openssl program is not installed")) func itIsTheClient() throws {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let socket = try LoopbackSocket()
        let child = try Child(
            Self.program,
            [
                "s_client", "-dtls1_2", "-connect", "127.0.0.1:\(socket.port)", "-cert", files.certificate, "-key",
                files.key, "-quiet",
            ])
        try converse(.server, socket, child, peer: files.fingerprint)
    }

    @Test(.enabled(if: isThere, "the openssl program is not installed")) func itIsTheServer() throws {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let free = try LoopbackSocket()
        let port = free.port
        free.close()
        let child = try Child(
            Self.program,
            [
                "s_server", "-dtls1_2", "-accept", "127.0.0.1:\(port)", "-cert", files.certificate, "-key", files.key,
                "-Verify", "1", "-quiet",
            ])
        let socket = try LoopbackSocket()
        socket.peerPort = port
        try converse(.client, socket, child, peer: files.fingerprint)
    }

    /// As a game server: with a cookie, and no certificate asked of us.
    @Test(.enabled(if: isThere, "the openssl program is not installed"), arguments: [true, false])
    func itIsAGameServer(isRight: Bool) throws {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let free = try LoopbackSocket()
        let port = free.port
        free.close()
        let child = try Child(
            Self.program,
            [
                "s_server", "-dtls1_2", "-listen", "-accept", "127.0.0.1:\(port)", "-cert", files.certificate, "-key",
                files.key, "-quiet",
            ])
        let socket = try LoopbackSocket()
        socket.peerPort = port
        let pin = isRight ? files.fingerprint : try Certificate().fingerprint
        let context = try ClientContext(.pin(pin), serverName: "127.0.0.1")
        let connection = try DTLSConnection(context: context, recordSize: 1392)
        guard isRight else {
            defer { child.stop() }
            try handshake(connection, socket)
            #expect(connection.state == .closed(.fingerprintMismatch))
            return
        }
        try converse(connection, socket, child)
    }

    /// Until it is done or refused. The server may not listen yet.
    private func handshake(_ connection: DTLSConnection, _ socket: LoopbackSocket) throws {
        let start = ContinuousClock.now
        func now() -> Instant { Instant(nanoseconds: UInt64((ContinuousClock.now - start) / .nanoseconds(1)) + 1) }
        connection.start(at: now())
        while connection.state == .handshaking, ContinuousClock.now - start < .seconds(20) {
            connection.advance(to: now())
            socket.send(&connection.outgoing)
            guard let datagram = socket.receive(milliseconds: 20) else { continue }
            _ = datagram.withUnsafeBytes { connection.receive($0, at: now()) }
        }
    }

    /// Without a certificate there is nothing that the offer could have promised (RFC 8827 §6.5).
    @Test(.enabled(if: isThere, "the openssl program is not installed")) func aClientWithoutACertificateIsRefused()
        throws
    {
        let files = try OpenSSLFiles()
        defer { files.remove() }
        let socket = try LoopbackSocket()
        let child = try Child(
            Self.program, ["s_client", "-dtls1_2", "-connect", "127.0.0.1:\(socket.port)", "-quiet"])
        defer { child.stop() }
        let context = try DTLSContext(certificate: Certificate())
        let connection = try DTLSConnection(context: context, role: .server, fingerprints: [files.fingerprint])
        let start = ContinuousClock.now
        func now() -> Instant { Instant(nanoseconds: UInt64((ContinuousClock.now - start) / .nanoseconds(1)) + 1) }
        var records = 0
        while connection.state == .handshaking, ContinuousClock.now - start < .seconds(20) {
            connection.advance(to: now())
            socket.send(&connection.outgoing)
            guard let datagram = socket.receive(milliseconds: 20) else { continue }
            datagram.withUnsafeBytes { if connection.receive($0, at: now()) == .record { records += 1 } }
        }
        guard case .closed(.failed(let words)) = connection.state else {
            Issue.record("it is \(connection.state)")
            return
        }
        #expect(words.contains("certificate"), "\(words)")
        #expect(records == 0)
        #expect(connection.nextRecord() == nil)
    }

    /// A line each way, then our close_notify.
    private func converse(
        _ role: DTLSConnection.Role, _ socket: LoopbackSocket, _ child: Child, peer: CertificateFingerprint
    ) throws {
        let context = try DTLSContext(certificate: Certificate())
        try converse(DTLSConnection(context: context, role: role, fingerprints: [peer]), socket, child)
    }

    private func converse(_ connection: DTLSConnection, _ socket: LoopbackSocket, _ child: Child) throws {
        defer { child.stop() }
        let start = ContinuousClock.now
        func now() -> Instant { Instant(nanoseconds: UInt64((ContinuousClock.now - start) / .nanoseconds(1)) + 1) }
        connection.start(at: now())
        var received: [UInt8] = []
        var isGreeted = false
        // Bounded by the limit below, not by how fast the child is.
        while ContinuousClock.now - start < .seconds(20), !(received.contains(10) && child.output.contains("hello")) {
            connection.advance(to: now())
            socket.send(&connection.outgoing)
            if let datagram = socket.receive(milliseconds: 20) {
                datagram.withUnsafeBytes { bytes in
                    if connection.receive(bytes, at: now()) == .record {
                        while let record = connection.nextRecord() { received += Array(record) }
                    }
                }
            }
            if connection.state == .established, !isGreeted {
                isGreeted = true
                Array("hello\n".utf8).withUnsafeBytes { _ = connection.send($0) }
                child.write("world\n")
            }
            if case .closed = connection.state { break }
        }
        #expect(connection.state == .established)
        #expect(String(decoding: received, as: UTF8.self) == "world\n")
        #expect(child.output.contains("hello"))
        connection.close()
        #expect(!connection.outgoing.isEmpty)
        socket.send(&connection.outgoing)
    }
}
