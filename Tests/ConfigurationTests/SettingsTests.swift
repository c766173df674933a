import Gateway
import Testing

@testable import Configuration

@Suite struct SettingsTests {
    private func written(file: String) -> WrittenSettings {
        ConfigurationFile(parsing: file, path: "torii.yaml").settings
    }

    private static let file = """
        max-sessions: 1
        consent-timeout: 30
        turn-ttl: 60
        advertise: [192.0.2.1, 192.0.2.2]
        routes:
          a: {server: enet://file}
          b: {server: enet://file}
          c: {server: enet://file}
        """

    private func layered() throws -> Settings {
        let environment = try WrittenSettings(environment: [
            "TORII_MAX_SESSIONS": "2", "TORII_CONSENT_TIMEOUT": "40", "TORII_ADVERTISE": "192.0.2.3, 192.0.2.4",
            "TORII_ROUTES": "b=enet://environment  c=enet://environment?profile=channels", "TORII_HTTP": "",
            "TORII_PORT": "tcp://192.0.2.9:1", "TORII_TURN_SECRET": "0123456789abcdef",
        ])
        let flags = try WrittenSettings(flags: [.maxSessions: ["3"]], routes: ["c=enet://flag", "d=enet://flag"])
        return try Settings(reading: written(file: Self.file).overridden(by: environment).overridden(by: flags))
    }

    @Test func flagsGoBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let settings = try layered()
        #expect(settings.maxSessions == 3)
        #expect(settings.consentTimeout == 40)
        #expect(settings.relays.lifetime == 60)
        #expect(settings.maxJoinsPerAddress == 64)
        #expect(settings.http.port == 8080)
        #expect(settings.advertised.map(\.host) == ["192.0.2.3", "192.0.2.4"])
        let servers = settings.routes.map { "\($0.definition.name) \($0.definition.servers[0].place.host)" }
        #expect(servers == ["a file", "b environment", "c flag", "d flag"])
        // A route is replaced as a whole.
        #expect(settings.routes[2].definition.profile == .godot4)
    }

    /// The same where commands read them all.
    @Test func sourcesAreReadInTheirOrder() throws {
        try withTemporaryFile(Array(Self.file.utf8)) { path in
            let environment = ["TORII_MAX_SESSIONS": "2", "TORII_CONSENT_TIMEOUT": "40"]
            let sources = SettingsSources(
                path: path, environment: try WrittenSettings(environment: environment),
                flags: try WrittenSettings(flags: [.maxSessions: ["3"]], routes: []))
            let settings = try sources.read()
            #expect(settings.maxSessions == 3 && settings.consentTimeout == 40 && settings.relays.lifetime == 60)
        }
    }

    @Test func eachPlaceIsNamedAsItIsWritten() throws {
        func fault(_ environment: [String: String]) -> String? {
            do throws(ConfigurationFaults) {
                _ = try Settings(reading: try WrittenSettings(environment: environment))
                return nil
            } catch {
                return error.sentences.first
            }
        }
        #expect(fault(["TORII_MAX_SESSIONS": "0"]) == "TORII_MAX_SESSIONS 0: use a number from 1 to 60000.")
        #expect(fault(["TORII_TCP": "off", "TORII_ADVERTISE_TCP": "192.0.2.1"])?.contains("TORII_TCP off") == true)
        #expect(fault(["TORII_ROUTES": "a=x"])?.hasPrefix("TORII_ROUTES a: the server is missing") == true)
        #expect(fault(["TORII_ROUTES": "a"])?.hasPrefix("TORII_ROUTES a: write NAME=") == true)
    }

    @Test func ratesAreMessagesAndBytes() throws {
        let file = "address-to-server: 2000,1000000\naddress-to-browser: \",5\"\ngateway-to-server: 7,\n"
        let rates = try Settings(reading: written(file: file)).rates
        #expect(rates.source.toServer == RateLimit(messages: 2000, bytes: 1_000_000))
        #expect(rates.source.toBrowser == RateLimit(bytes: 5))
        #expect(rates.gateway.toServer == RateLimit(messages: 7))
        #expect(rates.gateway.toBrowser == RateLimit())
        for text in [",", "5", "0,5", "1,2,3", "-1,", "a,b", "1 ,2", "5000000000,"] {
            let flags = try WrittenSettings(flags: [.gatewayToBrowser: [text]], routes: [])
            #expect(
                throws: ConfigurationFaults(sentences: [
                    "--gateway-to-browser \(AsWritten(text)): use messages and bytes a second, like 2000,1000000, or one of them, like 2000, or ,1000000."
                ])
            ) { try Settings(reading: flags) }
        }
    }

    /// What is listed says the same again, and where each was written; secrets are not in it.
    @Test func theListingIsAFileThatSaysTheSame() throws {
        let settings = try layered()
        let listing = SettingsListing(settings).description
        #expect(listing.contains("max-sessions: 3  # --max-sessions\n"))
        #expect(listing.contains("consent-timeout: 40  # TORII_CONSENT_TIMEOUT\n"))
        #expect(listing.contains("turn-ttl: 60  # torii.yaml:3\n"))
        #expect(listing.contains("http: 0.0.0.0:8080  # default\n"))
        #expect(listing.contains("  - 192.0.2.4  # TORII_ADVERTISE\n"))
        #expect(listing.contains("  a:\n    server: enet://file  # torii.yaml:6\n"))
        #expect(listing.contains("# turn-secret is not shown  # TORII_TURN_SECRET\n"))
        #expect(!listing.contains("0123456789abcdef"))
        let again = ConfigurationFile(parsing: listing, path: "again.yaml")
        #expect(again.faults.isEmpty)
        let same = try Settings(reading: again.settings)
        for setting in Setting.allCases where setting != .turnSecret {
            #expect(same.written.texts(of: setting).map(\.text) == settings.written.texts(of: setting).map(\.text))
        }
        #expect(same.routes.map(\.definition) == settings.routes.map(\.definition))
    }

    @Test(arguments: [
        "a b", "[::]:1", "#", "", "x: y", "\"", "\\", "é", "\u{1B}", "- a", "off", "a\nb", "*a", "1,2", ",5",
    ])
    func aValueIsQuotedWhereItMustBe(text: String) throws {
        let file = ConfigurationFile(parsing: "http: \(SettingsListing.scalar(text))\n", path: "f")
        #expect(file.faults.isEmpty)
        #expect(file.settings.values[.http]?.first?.text == text)
    }

    @Test func aDifferenceIsWhatWasWrittenOtherwise() throws {
        let old = try Settings(reading: written(file: "max-sessions: 1000\n"))
        let same = try Settings(reading: written(file: "# moved\n\n"))
        #expect(SettingsDifference(from: old, to: same).settings == [])
        let new = try Settings(reading: written(file: "udp: 0.0.0.0:1\nlog-level: debug\nadvertise: [192.0.2.1]\n"))
        let difference = SettingsDifference(from: old, to: new)
        #expect(difference.settings == [.udp, .advertise, .logLevel])
        #expect(difference.waitingForRestart == [.udp])
    }

    @Test(arguments: [
        ("max-session", "max-sessions"), ("maxsessions", "max-sessions"), ("Http", "http"), ("route", "routes"),
        ("turn_ttl", "turn-ttl"), ("xyzzy", nil), ("", nil),
    ])
    func aNameThatIsNearIsFound(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, among: Setting.allCases.map(\.rawValue)) == meant)
    }
}
