import Foundation
import Testing

/// `torii check` and `torii config`.
@Suite(.timeLimit(.minutes(2))) struct SettingsCommandTests {
    private static let sound = "max-sessions: 7\nroutes:\n  world:\n    server: enet://127.0.0.1:7777\n"

    @Test func aSoundFileIsSaidToBeSoInOneLine() async throws {
        let file = try SettingsFile(Self.sound)
        let outcome = try await ToriiProcess.run(["check", file.path])
        #expect(outcome.status == 0)
        #expect(outcome.output == "\(file.path) is sound: routes world; settings max-sessions.\n")
        #expect(outcome.errors == [])
    }

    @Test func everyFaultHasItsLine() async throws {
        let file = try SettingsFile(
            "max-session: 1\nhttp: x\nroutes:\n  a:\n    server: enet://h\n    profile: doom\n")
        let outcome = try await ToriiProcess.run(["check", file.path])
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors.count == 3, "\(outcome.errors)")
        #expect(outcome.errors.first == "\(file.path):1: max-session is not a setting; did you mean max-sessions?")
        #expect(outcome.errors.dropFirst().first?.hasPrefix("\(file.path):2: http x: ") == true)
        #expect(outcome.errors.last?.hasPrefix("\(file.path):6: route a: profile must be ") == true)
    }

    /// What only shows when the gateway starts.
    @Test(arguments: [
        ("{server: enets://127.0.0.1, ca: /x/ca.pem}", "route w: ca=/x/ca.pem cannot be read"),
        ("{server: enet://0.0.0.0:1}", "route w: 0.0.0.0 is not the address of a server"),
    ])
    func whatTheStartWouldRefuseIsFound(route: String, begins: String) async throws {
        let file = try SettingsFile("routes:\n  w: \(route)\n")
        let outcome = try await ToriiProcess.run(["check", file.path])
        #expect(outcome.status == 64)
        #expect(outcome.errors.count == 1)
        #expect(outcome.errors.first?.hasPrefix("\(file.path):2: \(begins)") == true, "\(outcome.errors)")
        let start = try await ToriiProcess.run(["serve", "--config", file.path, "--http", "127.0.0.1:0"])
        #expect(start.errors.first?.hasPrefix("torii: \(file.path):2: \(begins)") == true, "\(start.errors)")
    }

    @Test func aNameThatIsNotKnownHereIsAWarning() async throws {
        let file = try SettingsFile("routes:\n  w: {server: enet://nowhere.invalid}\n")
        let outcome = try await ToriiProcess.run(["check", file.path])
        #expect(outcome.status == 0)
        let warning = "\(file.path):2: route w: warning: The host name nowhere.invalid cannot be resolved"
        #expect(outcome.errors.first?.hasPrefix(warning) == true, "\(outcome.errors)")
    }

    @Test func aFileWithoutRoutesOrNoFileIsRefused() async throws {
        let file = try SettingsFile("http: 127.0.0.1:0\n")
        for command in [["check", file.path], ["serve", "--config", file.path]] {
            let outcome = try await ToriiProcess.run(command)
            #expect(outcome.status == 64)
            #expect(outcome.errors.first?.contains("\(file.path): there is no route; name a game server") == true)
        }
        let missing = try await ToriiProcess.run(["check", "\(file.path).none"])
        #expect(missing.status == 64)
        #expect(missing.errors == ["\(file.path).none cannot be read: No such file or directory."])
    }

    /// The file, then the environment, then flags; and where each is from.
    @Test func whatHoldsIsPrintedWithItsOrigin() async throws {
        let file = try SettingsFile(Self.sound + "log-level: debug\n")
        let outcome = try await ToriiProcess.run(
            ["config", "--route", "b=enet://192.0.2.1", "--turn", "turn:a", "--consent-timeout", "30"],
            shell:
                "export TORII_CONFIG=\(file.path) TORII_LOG_LEVEL=trace TORII_TURN_SECRET=0123456789abcdef TORII_ADVERTISE=192.0.2.1,192.0.2.2"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        for line in [
            "max-sessions: 7  # \(file.path):1", "log-level: trace  # TORII_LOG_LEVEL",
            "consent-timeout: 30  # --consent-timeout", "http: 0.0.0.0:8080  # default",
            "    server: enet://127.0.0.1:7777  # \(file.path):4", "    server: enet://192.0.2.1  # --route",
            "# turn-secret is not shown  # TORII_TURN_SECRET", "  - 192.0.2.2  # TORII_ADVERTISE",
        ] {
            #expect(outcome.output.contains("\(line)\n"), "\(line)")
        }
        #expect(!outcome.output.contains("0123456789abcdef"))
        // It is a file of settings itself.
        let again = try SettingsFile(outcome.output)
        let check = try await ToriiProcess.run(
            ["check", again.path], shell: "export TORII_TURN_SECRET=0123456789abcdef")
        #expect(check.status == 0, "\(check.errors)")
    }

    @Test func theExampleOfTheDocumentationIsSound() async throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "Deploy/configuration.md"), encoding: .utf8)
        let example = try #require(page.firstMatch(of: #/```yaml\n((?:(?!```)[\s\S])*?)```/#)).1
        let file = try SettingsFile(String(example))
        let outcome = try await ToriiProcess.run(
            ["check", file.path], shell: "export TORII_TURN_SECRET=0123456789abcdef")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("routes world, arena"))
    }
}
