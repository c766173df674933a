import Glibc
import JOSE
import Testing
import TokenSigning

@testable import Configuration

@Suite struct TokenSettingsTests {
    private func read(_ flags: [Setting: [String]]) throws(ConfigurationFaults) -> Settings {
        try Settings(reading: WrittenSettings(flags: flags, routes: []))
    }

    private func expectFault(_ flags: [Setting: [String]], _ begins: String, _ cure: String) {
        do throws(ConfigurationFaults) {
            _ = try read(flags)
            Issue.record("it was taken")
        } catch {
            expectSentence(error.sentences.first ?? "", begins: begins, cure: cure)
        }
    }

    @Test func withoutAKeyNoTokenIsNeeded() throws {
        #expect(try !read([:]).tokens.areNeeded)
    }

    @Test func keysAndRulesAreRead() throws {
        let (curve, edwards) = (SigningKey(.curve("P-256")), SigningKey(.ed25519))
        try withTemporaryFile(Array((curve.pem + edwards.pem).utf8), mode: 0o644) { path in
            let tokens = try read([
                .tokenKey: [path], .tokenIssuer: ["https://id.example"], .tokenAudience: ["torii", "t2"],
                .tokenLeeway: ["5"],
            ]).tokens
            #expect(tokens.areNeeded)
            #expect(tokens.keys.map(\.algorithm) == [.es256, .edDSA])
            #expect(
                tokens.rules == TokenRules(issuer: "https://id.example", audiences: ["torii", "t2"], leeway: 5))
        }
    }

    @Test(arguments: ["", "\n", "\r\n"]) func aSecretIsALine(end: String) throws {
        let secret = String(repeating: "s", count: 32)
        try withTemporaryFile(Array((secret + end).utf8)) { path in
            let keys = try read([.tokenSecretFile: [path]]).tokens.keys
            #expect(keys == [try #require(VerificationKey(secret: Array(secret.utf8)))])
            #expect(try read([.tokenSecretFile: [path]]).tokens.rules.leeway == 30)
        }
    }

    /// A renewed file is a change, and which one is told; what it holds is not.
    @Test func anotherKeyInTheSameFileIsAChange() throws {
        let keys = [SigningKey(.ed25519), SigningKey(.ed25519)].map { Array($0.pem.utf8) }
        let secrets = ["s", "t"].map { Array(String(repeating: $0, count: 32).utf8) }
        try withTemporaryFile(keys[0], mode: 0o644) { keyFile in
            try withTemporaryFile(secrets[0]) { secretFile in
                func current() throws -> Settings {
                    try read([
                        .tokenKey: [keyFile], .tokenSecretFile: [secretFile], .turnSecretFile: [secretFile],
                        .turn: ["turn:turn.example.org"],
                    ])
                }
                let before = try current()
                #expect(SettingsDifference(from: before, to: try current()).contents == [])
                try overwrite(keyFile, keys[1])
                let between = try current()
                #expect(SettingsDifference(from: before, to: between).contents == [.tokenKey])
                try overwrite(secretFile, secrets[1])
                let difference = SettingsDifference(from: between, to: try current())
                #expect(difference.contents == [.turnSecretFile, .tokenSecretFile] && difference.settings == [])
            }
        }
    }

    private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    @Test func aSecretOthersCanReadOrGuessIsRefused() throws {
        let secret = Array(String(repeating: "s", count: 32).utf8)
        try withTemporaryFile(secret, mode: 0o644) {
            expectFault([.tokenSecretFile: [$0]], "--token-secret-file \($0)", "chmod 600")
        }
        try withTemporaryFile(Array(secret.dropLast())) {
            expectFault([.tokenSecretFile: [$0]], "--token-secret-file \($0)", "openssl rand -hex 32")
        }
        try withTemporaryFile(Array(SigningKey(.ed25519).pem.utf8)) {
            expectFault([.tokenSecretFile: [$0]], "--token-secret-file \($0)", "token-key")
        }
    }

    @Test func aKeyThatCannotBeUsedIsRefused() throws {
        for (contents, cure) in [
            (SigningKey(.ed25519).privatePEM, "openssl pkey -pubout"), ("", "it must be RSA, P-256 or Ed25519"),
            (SigningKey(.rsa(bits: 1024)).pem, "RSA of 1024 bits"), ("{", "openssl pkey -pubin"),
            (SigningKey(.curve("P-384")).pem, "P-256"),
            (String(repeating: " ", count: KeySet.longest + 1), "is longer than"),
        ] {
            try withTemporaryFile(Array(contents.utf8)) { path in
                expectFault([.tokenKey: [path]], "--token-key \(path)", cure)
            }
        }
        expectFault([.tokenKey: ["/nowhere/key.pem"]], "--token-key /nowhere/key.pem", "No such file")
    }

    @Test(arguments: [
        ("https://id.example/keys?a=b", true, "id.example", 443, "/keys?a=b"), ("http://a:8000", false, "a", 8000, "/"),
        ("HTTPS://[2001:db8::1]:8443/k", true, "2001:db8::1", 8443, "/k"), ("https://a?x", true, "a", 443, "/?x"),
    ])
    func aURLOfKeysIsRead(text: String, isSecure: Bool, host: String, port: UInt16, target: String) throws {
        let published = try #require(try read([.tokenKeysURL: [text], .tokenKeysInterval: ["60"]]).tokens.published)
        #expect(published.url.isSecure == isSecure && published.url.target == target)
        #expect(published.url.place == HostPort(host: host, port: port))
        #expect(published.interval == 60)
    }

    @Test(arguments: [
        "", "id.example", "https://", "https:///x", "https://a:0/", "https://a b/", "https://a/#x", "https://a\n",
    ])
    func anotherURLIsNone(text: String) {
        #expect(throws: ConfigurationFaults.self) { try read([.tokenKeysURL: [text]]) }
    }

    @Test func originsAreAsBrowsersWriteThem() throws {
        #expect(try read([:]).allowedOrigins == nil)
        let good = ["https://game.example", "http://localhost:8080", "https://[2001:db8::1]:8443"]
        #expect(try read([.allowedOrigin: good]).allowedOrigins == good)
        for text in ["https://Game.example", "https://a/", "*", "null", "game.example", "https://a:b", ""] {
            #expect(throws: ConfigurationFaults.self) { try read([.allowedOrigin: [text]]) }
        }
    }

    @Test func whatNobodyChecksIsRefused() {
        expectFault([.tokenIssuer: ["a"]], "--token-issuer a", "--token-key, --token-keys-url or --token-secret-file")
        expectFault(
            [.tokenAudience: ["a"]], "--token-audience a", "--token-key, --token-keys-url or --token-secret-file")
        expectFault([.tokenLeeway: ["601"]], "--token-leeway 601", "0 to 600")
    }
}
