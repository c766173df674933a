import Foundation
import Glibc
import Testing

/// What a running gateway makes of another file of settings.
@Suite(.timeLimit(.minutes(2))) struct ReloadTests {
    private static let route = "routes:\n  world:\n    server: enet://127.0.0.1:7777\n"
    private static let flags = ["--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"]

    private func withGateway(
        _ text: String, flags: [String] = flags, begin: String = " notice listening ",
        _ body: (ToriiProcess, SettingsFile, String) async throws -> Void
    ) async throws {
        let file = try SettingsFile(text)
        let torii = try ToriiProcess(["serve", "--config", file.path] + flags)
        let start = try await torii.line(containing: begin)
        try await body(torii, file, start)
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    @Test func aHangUpReadsItAgain() async throws {
        try await withGateway(Self.route) { torii, file, _ in
            try file.overwrite(with: "max-sessions: 5\n" + Self.route + "  arena:\n    server: enet://127.0.0.1:7778\n")
            try kill(torii.commandID, SIGHUP)
            let line = try await torii.line(containing: " configuration ")
            #expect(
                line.hasSuffix(" notice configuration reloaded routes_added=arena settings=max-sessions"), "\(line)")
            try file.overwrite(with: "log-level: debug\n" + Self.route.replacing("7777", with: "7779"))
            try kill(torii.commandID, SIGHUP)
            _ = try await torii.line(containing: " debug ")
            let second = try await torii.line(containing: " configuration ")
            #expect(
                second.hasSuffix(
                    #"configuration reloaded routes_changed=world routes_removed=arena settings="max-sessions log-level""#
                ),
                "\(second)")
            try kill(torii.commandID, SIGHUP)
            let third = try await torii.line(containing: " configuration ")
            #expect(third.hasSuffix(" notice configuration read again: nothing changed"), "\(third)")
        }
    }

    @Test func theLogChangesItsFormat() async throws {
        try await withGateway("log-format: json\n" + Self.route, begin: #""message":"listening""#) {
            torii, file, start in
            let object = try JSONSerialization.jsonObject(with: Data(start.utf8)) as? [String: String]
            #expect(object?["level"] == "notice" && object?["routes"] == "world=127.0.0.1:7777", "\(start)")
            try file.overwrite(with: Self.route)
            try kill(torii.commandID, SIGHUP)
            let line = try await torii.line(containing: " configuration ")
            #expect(line.hasSuffix(" notice configuration reloaded settings=log-format"), "\(line)")
        }
    }

    /// Editors put another file in its place.
    @Test func aChangedFileIsReadByItself() async throws {
        try await withGateway(Self.route) { torii, file, _ in
            try file.replace(with: Self.route.replacing("world", with: "arena"))
            let line = try await torii.line(containing: " configuration ")
            #expect(line.hasSuffix(" configuration reloaded routes_added=arena routes_removed=world"), "\(line)")
        }
    }

    /// As Kubernetes mounts a ConfigMap: the file is a link into a folder that is a link, and that one is exchanged.
    @Test func aLinkThatPointsElsewhereIsAChange() async throws {
        let first = try SettingsFile(Self.route)
        let second = try SettingsFile("max-sessions: 2\n" + Self.route)
        let folders = [first, second].map {
            URL(filePath: $0.path).deletingLastPathComponent().path(percentEncoded: false)
        }
        let data = "\(folders[0])/..data"
        #expect(symlink(folders[0], data) == 0)
        let torii = try ToriiProcess(["serve", "--config", "\(data)/torii.yaml"] + Self.flags)
        _ = try await torii.line(containing: " notice listening ")
        #expect(symlink(folders[1], "\(data)_tmp") == 0 && rename("\(data)_tmp", data) == 0)
        let line = try await torii.line(containing: " configuration ")
        #expect(line.hasSuffix(" configuration reloaded settings=max-sessions"), "\(line)")
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        withExtendedLifetime(second) {}
    }

    @Test func aFileThatCannotBeUsedChangesNothing() async throws {
        let metrics = ["--metrics", "127.0.0.1:0"]
        try await withGateway(Self.route, flags: Self.flags + metrics) { torii, file, start in
            try file.overwrite(with: "max-session: 1\nlog-level: loud\n" + Self.route)
            try kill(torii.commandID, SIGHUP)
            for fault in [
                "1: max-session is not a setting; did you mean max-sessions?", "2: log-level loud: use trace",
            ] {
                let line = try await torii.line(containing: " error ")
                #expect(line.contains(" error configuration not reloaded: \(file.path):\(fault)"), "\(line)")
            }
            // Nor half of it.
            try file.overwrite(with: "max-sessions: 7\n" + Self.route + "tcp: off\n")
            try kill(torii.commandID, SIGHUP)
            let restart = try await torii.line(containing: " error ")
            #expect(
                restart.contains("\(file.path):5: tcp: a running gateway cannot change tcp; restart it"), "\(restart)")
            let port = try #require(start.firstMatch(of: #/ metrics=127\.0\.0\.1:(\d+)/#)).1
            let page = try await ToriiProcess.page(port: String(port))
            #expect(page.contains("torii_sessions_limit 1000\n"))
            #expect(page.contains("torii_config_reloads_total{result=\"refused\"} 2\n"))
            #expect(page.contains("torii_config_reloads_total{result=\"applied\"} 0\n"))
            try file.overwrite(with: "max-sessions: 3\n" + Self.route)
            try kill(torii.commandID, SIGHUP)
            _ = try await torii.line(containing: " notice configuration reloaded ")
            let later = try await ToriiProcess.page(port: String(port))
            #expect(later.contains("torii_sessions_limit 3\n"))
            #expect(later.contains("torii_config_reloads_total{result=\"applied\"} 1\n"))
        }
    }

    /// Without a file there is nothing to read again, and a terminal that is closed ends what runs in it.
    @Test func withoutAFileAHangUpEndsIt() async throws {
        let torii = try ToriiProcess(["serve", "--route", "a=enet://127.0.0.1"] + Self.flags)
        _ = try await torii.line(containing: " notice listening ")
        try kill(torii.commandID, SIGHUP)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 128 + SIGHUP)
    }
}

extension ToriiProcess {
    /// The metrics at a port of 127.0.0.1.
    static func page(port: String) async throws -> String {
        let output = Pipe()
        let curl = Process()
        curl.executableURL = URL(filePath: "/usr/bin/curl")
        curl.arguments = ["-sS", "--noproxy", "*", "--max-time", "10", "http://127.0.0.1:\(port)/metrics"]
        curl.standardOutput = output
        try curl.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        curl.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
