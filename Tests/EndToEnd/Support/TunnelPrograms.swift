import Foundation

/// Debian's kcptun: TCP connections to its client come out of its server, over KCP in UDP between the two. All but the
/// addresses is as kcptun has it.
enum KCPTunnel {
    /// Runs the server's half, which hands connections on to a TCP port of 127.0.0.1; `body` gets its UDP port.
    static func server<Result: Sendable>(
        target: UInt16, _ body: (UInt16) async throws -> Result
    ) async throws -> Result {
        let port = try UnusedPort.udp()
        let arguments = ["--listen", "127.0.0.1:\(port)", "--target", "127.0.0.1:\(target)"]
        return try await ChildProcess.running("kcptun-server", arguments) { process in
            // It listens as soon as it has its key.
            _ = try await process.errors.first("kcptun-server's key") { $0.contains("key derivation done") }
            return try await body(port)
        }
    }

    /// Runs the client's half, whose datagrams go to that port of 127.0.0.1; `body` gets its TCP port.
    static func client<Result: Sendable>(
        server: UInt16, _ body: (UInt16) async throws -> Result
    ) async throws -> Result {
        let arguments = ["--localaddr", "127.0.0.1:0", "--remoteaddr", "127.0.0.1:\(server)"]
        return try await ChildProcess.running(Requirement.kcptun.path(), arguments) { process in
            let line = try await process.errors.first("kcptun-client's port") { $0.contains("listening on:") }
            guard let port = line.split(separator: ":").last.flatMap({ UInt16($0) }) else {
                throw HarnessError("kcptun-client wrote \"\(line)\"")
            }
            return try await body(port)
        }
    }
}

/// Tests/EndToEnd/Servers/quic: a QUIC server and client of aioquic.
enum QUICProgram {
    private static let script = Checkout.path("Tests/EndToEnd/Servers/quic/quic.py")

    /// Runs the server on a free port of 127.0.0.1; `body` gets it when it listens, its port, and the certificate's file.
    static func server<Result: Sendable>(
        _ body: (ServerProgram, UInt16, String) async throws -> Result
    ) async throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "torii-quic-\(UUID().uuidString).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        let certificate = file.path(percentEncoded: false)
        let arguments = [script, "server", certificate]
        return try await ChildProcess.running(Requirement.aioquic.path(), arguments) { process in
            let server = ServerProgram(process: process, lines: process.output)
            let port = try await server.number(after: "LISTENING")
            return try await body(server, UInt16(port), certificate)
        }
    }

    /// Runs the client, which sends so many bytes to that port and waits for them.
    static func client<Result: Sendable>(
        certificate: String, port: UInt16, bytes: Int, _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        let arguments = [script, "client", certificate, "\(port)", "\(bytes)"]
        return try await ChildProcess.running(Requirement.aioquic.path(), arguments) { process in
            try await body(ServerProgram(process: process, lines: process.output))
        }
    }
}
