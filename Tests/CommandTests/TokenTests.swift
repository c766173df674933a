import Foundation
import Glibc
import Testing
import TokenSigning

/// A running gateway that asks for tokens.
@Suite(.timeLimit(.minutes(2))) struct TokenTests {
    private static let offer = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/sdp/chromium-data.sdp").path(percentEncoded: false)

    /// The status of a join, and what came with it.
    private static func join(_ port: some StringProtocol, _ token: String?) throws -> (status: String, text: String) {
        let output = Pipe()
        let curl = Process()
        curl.executableURL = URL(filePath: "/usr/bin/curl")
        let bearer = token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []
        curl.arguments =
            ["-sS", "--noproxy", "*", "--max-time", "10", "-w", "\n%{http_code}", "--data-binary", "@\(offer)"]
            + ["-H", "Content-Type: application/sdp", "http://127.0.0.1:\(port)/join/world"] + bearer
        curl.standardOutput = output
        try curl.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        curl.waitUntilExit()
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        return (String(parts.last ?? ""), parts.dropLast().joined(separator: "\n"))
    }

    private static func token(_ key: SigningKey) -> String {
        key.token(#"{"exp":\#(Int(Date.now.timeIntervalSince1970) + 300),"aud":"torii"}"#)
    }

    /// New keys are in use with a reload, a file that is none changes nothing, and no token gets into the log.
    @Test func keysAreExchangedWhileItRuns() async throws {
        let (old, new) = (SigningKey(.curve("P-256")), SigningKey(.ed25519))
        let key = try SettingsFile(old.pem, name: "key.pem")
        let settings = try SettingsFile(
            "log-level: trace\ntoken-key: [\(key.path)]\ntoken-audience: [torii]\nroutes:\n  world:\n    server: enet://127.0.0.1:7777\n"
        )
        let torii = try ToriiProcess(
            ["serve", "--config", settings.path, "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]
                + ["--metrics", "127.0.0.1:0"])
        let start = try await torii.line(containing: " notice listening ")
        let port = try #require(start.firstMatch(of: #/ http=127\.0\.0\.1:(\d+)/#)).1
        let metrics = String(try #require(start.firstMatch(of: #/ metrics=127\.0\.0\.1:(\d+)/#)).1)
        let (oldToken, newToken) = (Self.token(old), Self.token(new))

        #expect(try Self.join(port, nil).status == "401")
        #expect(try Self.join(port, oldToken).status == "201")
        let refused = try Self.join(port, newToken)
        #expect(refused.status == "401")
        #expect(refused.text.contains("a key that the gateway does not know"), "\(refused.text)")

        try key.overwrite(with: "no key at all")
        try kill(torii.commandID, SIGHUP)
        let error = try await torii.line(containing: " error configuration not reloaded")
        #expect(error.contains("token-key \(key.path) holds no public key"), "\(error)")
        #expect(try Self.join(port, oldToken).status == "201")

        try key.overwrite(with: new.pem)
        try kill(torii.commandID, SIGHUP)
        let reloaded = try await torii.line(containing: " notice configuration reloaded")
        #expect(reloaded.contains("token-key"), "\(reloaded)")
        #expect(try Self.join(port, oldToken).status == "401")
        #expect(try Self.join(port, newToken).status == "201")

        let page = try await ToriiProcess.page(port: metrics)
        #expect(page.contains("torii_admission_refusals_total{reason=\"token-missing\"} 1\n"))
        #expect(page.contains("torii_admission_refusals_total{reason=\"token-key-unknown\"} 2\n"))
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        let log = outcome.errors.joined(separator: "\n")
        for token in [oldToken, newToken] {
            for part in token.split(separator: ".") { #expect(!log.contains(part)) }
        }
    }
}
