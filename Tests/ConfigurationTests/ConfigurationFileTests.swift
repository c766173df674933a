import Gateway
import Testing

@testable import Configuration

@Suite struct ConfigurationFileTests {
    private static let route = "routes:\n  world:\n    server: enet://127.0.0.1:7777\n"

    private func faults(_ text: String) -> [String] {
        let file = ConfigurationFile(parsing: text, path: "torii.yaml")
        do throws(ConfigurationFaults) {
            _ = try Settings(reading: file.settings, faults: file.faults)
            return []
        } catch {
            return error.sentences
        }
    }

    private func settings(_ text: String) throws -> Settings {
        let file = ConfigurationFile(parsing: text, path: "torii.yaml")
        return try Settings(reading: file.settings, faults: file.faults)
    }

    @Test func everyKindOfValueIsRead() throws {
        let settings = try settings(
            """
            # A comment.
            http: 127.0.0.1:8090
            tcp: off
            advertise: [203.0.113.7, "game.example:80"]
            max-sessions: 12
            log-level: debug
            routes:
              world:
                server: enet://192.0.2.1:7000
                profile: channels
                connect-data: 7
                session-to-server: 200,65536
              arena: {server: "udp://[2001:db8::1]:4433"}
            """)
        #expect(settings.http == HostPort(host: "127.0.0.1", port: 8090))
        #expect(settings.tcp == nil)
        #expect(settings.udp.port == 8080)
        #expect(
            settings.advertised == [HostPort(host: "203.0.113.7", port: 0), HostPort(host: "game.example", port: 80)])
        #expect(settings.maxSessions == 12)
        #expect(settings.logLevel == .debug)
        #expect(settings.routes.map(\.definition.name) == ["world", "arena"])
        let world = try #require(settings.routes.first?.definition)
        #expect(
            try world
                == RouteDefinition(
                    parsing:
                        "world=enet://192.0.2.1:7000?profile=channels&connect-data=7&session-to-server=200,65536"))
        #expect(settings.routes.last?.definition.profile == .datagrams)
    }

    /// The file, the line, the thing and the cure.
    @Test(arguments: [
        ("\nmax-session: 1\n", "2: max-session is not a setting; did you mean max-sessions?"),
        ("MAX_SESSIONS: 1\n", "1: MAX_SESSIONS is not a setting; did you mean max-sessions?"),
        ("colour: red\n", "1: colour is not a setting; torii config prints all there are."),
        ("http: 127.0.0.1:1\nmax-sessions: many\n", "2: max-sessions many: use a number from 1 to 60000."),
        ("max-sessions: 0x10\n", "1: max-sessions 0x10: use a number"),
        ("max-sessions: [1]\n", "1: max-sessions has one value; write max-sessions: VALUE."),
        ("max-sessions:\n", "1: max-sessions has no value; write one, or leave the line out."),
        ("consent-timeout: 9\n", "1: consent-timeout 9: use 10 to 120 seconds"),
        ("log-level: loud\n", "1: log-level loud: use trace"),
        ("\n\nhttp: 8080\n", "3: http 8080: the port is missing; write HOST:PORT."),
        ("tcp: 0.0.0.0:8080\n", "1: tcp 0.0.0.0:8080 is where http listens; give one of them another port."),
        ("metrics: 0.0.0.0:8080\n", "1: metrics 0.0.0.0:8080 is where http listens; give it another port."),
        ("advertise: 192.0.2.1\n", "1: advertise is a list; write advertise: [host[:port], …]."),
        ("advertise:\n  - 192.0.2.1\n  - 192.0.2.1\n", "3: advertise 192.0.2.1 is given twice"),
        ("advertise: [[1]]\n", "1: advertise has one value"),
        ("advertise-tcp: [192.0.2.1]\ntcp: off\n", "1: advertise-tcp has nothing to name with tcp: off"),
        ("turn: [turn.example.org]\n", "1: turn turn.example.org: write turn:HOST:PORT"),
        ("turn: [\"turn:a\"]\n", "1: turn turn:a: there is no secret to make credentials from; give turn-secret-file"),
        ("turn-secret-file: x\n", "1: turn-secret-file x: no turn uses it; name the server, like turn: ["),
        ("turn-ttl: 1\n", "1: turn-ttl 1: use a number of seconds"),
        ("http: a:1\nhttp: b:2\n", "1: http is given twice; give it once."),
        ("http: [\n", "2: this is not YAML: "), ("a: b: c\n", "1: this is not YAML: "),
        ("http: *x\n", "1: this is not YAML: "), ("a\u{1}: 1\n", "1: this is not YAML: "),
        ("--- {}\n--- {}\n", "2: this is not YAML: "),
        ("- http\n", "1: here must be settings, like max-sessions: 1000."),
        ("? [a]\n: 1\n", "1: a name belongs here"),
        ("routes: [a]\n", "1: routes has each route under its name"),
        ("routes:\n  a b: {server: enet://h}\n", "2: route a b: the name must be 1 to 64"),
        ("routes:\n  a: enet://h\n", "2: route a has its server and options under it"),
        ("routes:\n  a: {profile: channels}\n", "2: route a has no server; write server: enet://HOST:PORT under it."),
        ("routes:\n  a:\n    server: h:1\n", "3: route a: the server is missing its scheme; write enet://HOST:PORT."),
        ("routes:\n  a:\n    server: enet://h:0\n", "3: route a: a server's port cannot be 0"),
        (
            "routes:\n  a:\n    server: enet://h?profile=channels\n",
            "3: route a: after enet:// comes HOST:PORT, and options"
        ),
        ("routes:\n  a:\n    server: [enet://h]\n", "3: route a: server has one value; write server: VALUE."),
        ("\(route)    profil: godot4\n", "4: route world: profil is not an option; did you mean profile?"),
        ("\(route)    profile: doom\n", "4: route world: profile must be godot4 or"),
        ("\(route)    verify: none\n", "4: route world: verify is for enets:// servers"),
        ("\(route)    link-mtu: 1\n", "4: route world: link-mtu must be a number of bytes"),
        (
            "\(route)    interface: a/b\n",
            "4: route world: interface must be the name of a network interface, like interface: wg0."
        ),
        ("\(route)    dscp:\n", "4: route world: dscp has no value"),
    ])
    func whatCannotBeUsedIsNamedWithItsLine(text: String, begins: String) {
        let faults = faults(text)
        #expect(faults.count == 1, "\(faults)")
        let sentence = faults.first ?? ""
        #expect(sentence.hasPrefix("torii.yaml:\(begins)"), "\(sentence)")
        #expect(sentence.hasSuffix(".") || sentence.hasSuffix("?"), "\(sentence)")
        #expect(sentence.allSatisfy { !$0.isNewline && $0 != "\u{1}" })
    }

    @Test func everyFaultIsToldInTheOrderOfLines() {
        let text = "log-level: loud\nmax-session: 1\nconsent-timeout: 1\nroutes: {a: {server: x}}\nudp: y\n"
        #expect(faults(text).map { $0.prefix(13) } == (1...5).map { "torii.yaml:\($0):" }.map { $0[...] })
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "{}\n"]) func aFileMaySayNothing(text: String) throws {
        let settings = try settings(text)
        #expect(settings.maxSessions == 1000 && settings.routes.isEmpty)
    }

    @Test func aFileThatCannotBeReadIsNamed() throws {
        try withTemporaryFolder { folder in
            let missing = ConfigurationFile(path: "\(folder)/none.yaml")
            #expect(
                throws: ConfigurationFaults(sentences: [
                    "\(folder)/none.yaml cannot be read: No such file or directory."
                ])
            ) {
                try missing.faults.throwAny()
            }
            #expect(
                throws: ConfigurationFaults(sentences: ["\(folder) is no file; name the one that holds the settings."])
            ) {
                try ConfigurationFile(path: folder).faults.throwAny()
            }
        }
        for (bytes, cure) in [([0xFF], "is not UTF-8"), (Array(repeating: 10, count: (1 << 20) + 1), "is longer")]
            as [([UInt8], String)]
        {
            try withTemporaryFile(bytes) { path in
                let error = #expect(throws: ConfigurationFaults.self) {
                    try ConfigurationFile(path: path).faults.throwAny()
                }
                #expect(error?.sentences.first?.contains(cure) == true)
            }
        }
    }

    /// Nobody else may read a secret.
    @Test func aSecretIsOnlyInAFileOfItsOwners() throws {
        let text = "turn: [\"turn:a\"]\nturn-secret: 0123456789abcdef\n"
        for (mode, isTaken) in [(0o600, true), (0o640, false), (0o604, false)] as [(UInt32, Bool)] {
            try withTemporaryFile(Array(text.utf8), mode: mode) { path in
                let sources = SettingsSources(path: path, environment: WrittenSettings(), flags: WrittenSettings())
                if isTaken {
                    let settings = try sources.read()
                    #expect(settings.relays.secret?.bytes == Array("0123456789abcdef".utf8))
                } else {
                    let error = #expect(throws: ConfigurationFaults.self) { try sources.read() }
                    let sentence = error?.sentences.first ?? ""
                    #expect(sentence.contains(":2: turn-secret is in a file that is open to others"), "\(sentence)")
                    #expect(!sentence.contains("0123456789abcdef"))
                }
            }
        }
    }
}
