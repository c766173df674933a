import Foundation

/// Who speaks DTLS for a game server that does not.
enum DTLSFront: String, CaseIterable, Sendable {
    /// Servers/enet/dtls.c
    case openssl
    /// Servers/godot4/dtls.gd: Godot's own `DTLSServer`.
    case godot

    /// Runs it before the server on that port; `body` gets it when it listens, and the port players connect to.
    @discardableResult
    func running<Result: Sendable>(
        before port: Int, _ files: ServerCertificate, host: String = "127.0.0.1",
        _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        switch self {
        case .openssl: try await ENetProgram.dtls(before: port, files, host: host, body)
        case .godot: try await GodotProgram.dtls(before: port, files, host: host, body)
        }
    }
}
