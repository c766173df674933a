import Foundation
import Glibc
import Testing

/// The admin page's port, on a gateway as operators start it.
@Suite(.timeLimit(.minutes(2))) struct AdminTests {
    private static let token = "Zm9yIHRoZXNlIHRlc3RzIGFsb25lLg=="

    private struct Running {
        let torii: ToriiProcess
        let http: SmallClient
        let admin: SmallClient
        let file: SettingsFile
        let metrics: String

        func ask(_ line: String, type: String? = nil, token: String = AdminTests.token, body: String = "") throws
            -> SmallClient.Answer
        {
            try admin.answer(line, host: "localhost", type: type, token: token, body: body)
        }
    }

    private func running() async throws -> Running {
        let file = try SettingsFile("\(Self.token)\n", name: "token")
        try #require(chmod(file.path, 0o600) == 0)
        let torii = try ToriiProcess([
            "serve", "--route", "world=enet://127.0.0.1:7777?profile=channels", "--http", "127.0.0.1:0", "--udp",
            "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--admin-token-file", file.path,
        ])
        let start = try await torii.line(containing: " notice listening ")
        func port(_ name: String) throws -> UInt16 {
            let pattern = try Regex(" \(name)=127\\.0\\.0\\.1:([0-9]+) ", as: (Substring, Substring).self)
            return try #require(start.firstMatch(of: pattern).flatMap { UInt16($0.output.1) }, "\(start)")
        }
        return Running(
            torii: torii, http: SmallClient(port: try port("http")), admin: SmallClient(port: try port("admin")),
            file: file, metrics: "\(try port("metrics"))")
    }

    private func stopped(_ running: Running) async throws -> [String] {
        running.torii.signal(SIGINT)
        let outcome = try await running.torii.outcome()
        #expect(outcome.status == 0)
        let isTold = outcome.errors.contains { $0.contains(Self.token) }
        #expect(!isTold, "the log has the token")
        return outcome.errors
    }

    @Test func aSessionIsSeenAndRemoved() async throws {
        let running = try await running()
        let location = try running.http.joined()
        let id = try #require(location.split(separator: "/").last)
        #expect(try running.ask("GET /api/sessions").body.contains(#""id":"\#(id)""#))
        #expect(try running.ask("GET /api/gateway").body.contains(#""version":"0.1.0""#))
        #expect(try running.ask("GET /api/servers").body.contains(#""name":"127.0.0.1:7777""#))
        #expect(try running.ask("DELETE /api/sessions/\(id.prefix(8))?reason=Too%20loud").status == 204)
        let end = try await running.torii.line(containing: " info ended: ")
        #expect(end.contains("An operator removed the player: Too loud."))
        #expect(end.contains(" reason=removed-by-operator "))
        let status = try running.http.answer("GET \(location)").body
        #expect(status.contains(#""reason":"An operator removed the player: Too loud.","code":"removed-by-operator""#))
        let session = try running.ask("GET /api/sessions/\(id)").body
        #expect(session.contains(#""event":"joined""#) && session.contains(#""code":"removed-by-operator""#))
        #expect(try running.ask("GET /api/ended-sessions").body.contains(#""id":"\#(id)""#))
        let log = try await stopped(running)
        #expect(log.contains { $0.hasSuffix(" an operator removes a session session=\(id.prefix(8))") })
    }

    @Test func drainingIsWhatASignalDoes() async throws {
        let running = try await running()
        for _ in 1...2 { #expect(try running.ask("POST /api/drain").body == #"{"state":"draining"}"#) }
        #expect(try running.http.join().status == 503)
        // What is draining takes players again by either.
        try kill(running.torii.commandID, SIGUSR1)
        _ = try await running.torii.line(containing: " notice draining is over: ")
        #expect(try running.http.join().status == 201)
        #expect(try running.ask("POST /api/drain").status == 200)
        #expect(try running.ask("DELETE /api/drain").body == #"{"state":"serving"}"#)
        let line = try await running.torii.line(containing: " notice draining is over: ")
        #expect(line.hasSuffix(" cause=admin sessions=1"), "\(line)")
        _ = try await stopped(running)
    }

    @Test func theLogLevelHoldsAtOnce() async throws {
        let running = try await running()
        func set(_ level: String) throws -> Int {
            try running.ask("PUT /api/log-level", type: "application/json", body: #"{"level":"\#(level)"}"#).status
        }
        #expect(try set("warning") == 200)
        let silent = try #require(running.http.joined().split(separator: "/").last)
        #expect(try running.http.answer("DELETE /session/\(silent)").status == 200)
        #expect(try set("debug") == 200)
        let told = try #require(running.http.joined().split(separator: "/").last)
        _ = try await running.torii.line(containing: " info joined ")
        let log = try await stopped(running)
        #expect(!log.contains { $0.contains(" joined ") && $0.contains("session=\(silent.prefix(8))") })
        #expect(log.contains { $0.contains(" joined ") && $0.contains("session=\(told.prefix(8))") })
    }

    @Test func aNewTokenIsTakenWithoutARestart() async throws {
        let running = try await running()
        #expect(try running.ask("GET /api/gateway", token: "another-token-of-32-characters-!").status == 401)
        try running.file.overwrite(with: "another-token-of-32-characters-!\n")
        let line = try await running.torii.line(containing: " notice configuration ")
        #expect(line.hasSuffix(" configuration reloaded files=admin-token-file"), "\(line)")
        #expect(try running.ask("GET /api/gateway", token: "another-token-of-32-characters-!").status == 200)
        #expect(try running.ask("GET /api/gateway").status == 401)
        let metrics = try await ToriiProcess.page(port: running.metrics)
        #expect(metrics.contains("\ntorii_admin_wrong_tokens_total 2\n"))
        _ = try await stopped(running)
    }

    @Test func theEnvironmentAndTheFileCanSayIt() async throws {
        let token = try SettingsFile("\(Self.token)\n", name: "token")
        try #require(chmod(token.path, 0o600) == 0)
        let settings = try SettingsFile(
            """
            admin: "[::1]:0"
            admin-token-file: \(token.path)
            routes:
              world: {server: "enet://127.0.0.1:7777"}
            """)
        let outcome = try await ToriiProcess.run(["config", "--config", settings.path])
        #expect(outcome.output.contains(#"admin: "[::1]:0"  # "#))
        #expect(outcome.output.contains("admin-token-file: \"\(token.path)\"  # "))
        #expect(!outcome.output.contains(Self.token))
        let overridden = try await ToriiProcess.run(
            ["config", "--config", settings.path], shell: "export TORII_ADMIN=127.0.0.1:9465")
        #expect(overridden.output.contains("admin: 127.0.0.1:9465  # TORII_ADMIN"))
        #expect(try await ToriiProcess.run(["check", settings.path]).status == 0)
    }
}
