import Foundation
import Testing

/// A gateway with an admin page, before the plain libenet echo server.
enum AdminWorld {
    static let token = "Zm9yIHRoZXNlIHRlc3RzIGFsb25lLg=="

    static func running(_ body: (GatewayProgram, ServerProgram) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-admin-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "token").path(percentEncoded: false)
        let isMade = FileManager.default.createFile(
            atPath: file, contents: Data(token.utf8), attributes: [.posixPermissions: 0o600])
        try #require(isMade)
        let options = ["--admin", "127.0.0.1:0", "--admin-token-file", file]
        try await ClientWorld.running(options) { gateway, server in
            try await body(gateway, server)
            // Nobody else may learn it.
            let isTold = gateway.process.errors.entries.contains { $0.contains(token) }
            #expect(!isTold, "the log has the token")
        }
    }

    /// Shows the token, as a person would.
    static func enter(_ page: any DrivenPage, with token: String = AdminWorld.token) async throws {
        try await page.until("document.activeElement?.id === 'token'")
        try await page.evaluate("document.getElementById('token').value = \(literal(token))")
        try await page.press("Enter")
    }

    private static func literal(_ text: String) -> String { "'\(text)'" }
}
