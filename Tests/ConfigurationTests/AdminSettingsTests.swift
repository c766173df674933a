import Glibc
import Testing

@testable import Configuration

@Suite struct AdminSettingsTests {
    private static let token = "0123456789abcdef"

    private func read(_ flags: [Setting: [String]]) throws(ConfigurationFaults) -> Settings {
        try Settings(reading: WrittenSettings(flags: flags, routes: []))
    }

    private func expectFault(_ flags: [Setting: [String]], _ begins: String, _ cure: String) {
        do throws(ConfigurationFaults) {
            _ = try read(flags)
            Issue.record("it was taken")
        } catch {
            #expect(error.sentences.count == 1)
            expectSentence(error.sentences.first ?? "", begins: begins, cure: cure)
            #expect(!(error.sentences.first ?? "").contains(Self.token))
        }
    }

    @Test func thereIsNoneUnlessItIsSaid() throws {
        #expect(try read([:]).admin == nil)
        #expect(try read([.admin: ["off"]]).admin == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:9465", "127.0.0.1"), ("127.8.9.1:9465", "127.8.9.1"), ("[::1]:9465", "::1"),
        ("localhost:9465", "127.0.0.1"), ("LOCALHOST:9465", "127.0.0.1"),
    ])
    func itListensOnLoopback(text: String, host: String) throws {
        try withTemporaryFile(Array(" \t\(Self.token)\r\n\n".utf8)) { path in
            let settings = try read([.admin: [text], .adminTokenFile: [path]])
            #expect(settings.admin?.place == HostPort(host: host, port: 9465))
            #expect(settings.admin?.token.bytes == Array(Self.token.utf8))
            // It is read again when it changes.
            #expect(settings.files == [path])
        }
    }

    @Test(arguments: [
        "0.0.0.0:9465", "192.0.2.1:9465", "[::]:9465", "[2001:db8::1]:9465", "host.example:9465",
        "localhost.example:9465", "128.0.0.1:1",
    ])
    func itListensNowhereElse(text: String) throws {
        expectFault([.admin: [text]], "--admin \(text): ", "SSH tunnel or a reverse proxy")
    }

    @Test func itHasAPortOfItsOwn() throws {
        for (setting, name) in [(Setting.http, "--http"), (.tcp, "--tcp"), (.metrics, "--metrics")] {
            expectFault(
                [.admin: ["127.0.0.1:9000"], setting: ["127.0.0.1:9000"]],
                "--admin 127.0.0.1:9000 is where \(name) listens", "give it another port")
        }
        expectFault([.admin: ["9465"]], "--admin 9465: ", "like 127.0.0.1:9465, or off")
    }

    @Test func aTokenIsNeededAndUsed() throws {
        expectFault(
            [.admin: ["127.0.0.1:0"]], "--admin 127.0.0.1:0: there is no token", "openssl rand -base64 32 > FILE")
        expectFault([.adminTokenFile: ["/x"]], "--admin-token-file /x: no --admin uses it", "leave both out")
    }

    @Test(arguments: [
        ("", "make one with"), (" \n", "make one with"), ("0123456789abcde", "16 characters or more"),
        ("0123456789abcdef 0123456789abcdef", "without spaces"), ("0123456789abcdef\u{E9}", "without spaces"),
        ("0123456789abcdef\n0123456789abcdef", "without spaces"), (String(repeating: "a", count: 513), "512 at most"),
        (String(repeating: "a", count: 600), "name the one that holds the token"),
    ])
    func whatIsNoTokenIsRefused(text: String, cure: String) throws {
        try withTemporaryFile(Array(text.utf8)) {
            expectFault([.admin: ["127.0.0.1:0"], .adminTokenFile: [$0]], "--admin-token-file \($0) ", cure)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o644] as [mode_t]) func aFileThatOthersReadIsRefused(mode: mode_t) throws {
        try withTemporaryFile(Array(Self.token.utf8), mode: mode) {
            expectFault([.admin: ["127.0.0.1:0"], .adminTokenFile: [$0]], "--admin-token-file \($0) ", "chmod 600")
        }
    }
}
