import DTLS
import Testing

@testable import Configuration

/// What a route says of its server's certificate.
@Suite struct CertificateRuleTests {
    private static let digits = String(repeating: "5fE1", count: 16)
    private static let colons = Array(repeating: "5F:E1", count: 16).joined(separator: ":")
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBgjCCASmgAwIBAgIUbqCwgTuAzB3OZ8yF0P2zxHoJtHgwCgYIKoZIzj0EAwIw
        -----END CERTIFICATE-----

        """

    private func rule(_ options: String, host: String = "game") throws -> CertificateRule? {
        try RouteDefinition(parsing: "w=enets://\(host)\(options)").certificate
    }

    @Test func aRouteWithoutDTLSHasNone() throws {
        #expect(try RouteDefinition(parsing: "w=enet://game").certificate == nil)
    }

    @Test(arguments: [
        ("", nil, true, "game"), ("?verify=name", nil, true, "game"), ("?verify=ca", nil, false, "game"),
        ("?ca=/etc/a.pem", "/etc/a.pem", true, "game"), ("?server-name=b.example", nil, true, "b.example"),
        ("?ca=a.pem&verify=ca&server-name=2001:db8::1", "a.pem", false, "2001:db8::1"),
    ])
    func authorities(options: String, file: String?, checksName: Bool, name: String) throws {
        let rule = try #require(try rule(options))
        #expect(rule.trust == .authorities(file: file, checksName: checksName))
        #expect(rule.serverName == name)
    }

    @Test func theHostIsTheNameAlsoWhereItIsAnAddress() throws {
        #expect(try rule("", host: "[2001:db8::1]:9000")?.serverName == "2001:db8::1")
    }

    @Test func nothingMayBeVerified() throws {
        let rule = try #require(try rule("?verify=none&server-name=b.example"))
        #expect(rule.trust == .none && rule.serverName == "b.example")
        #expect(try rule.verification(place: "--route w") == .none)
    }

    @Test(arguments: [digits, digits.uppercased(), colons, colons.lowercased()])
    func aPinIsWrittenWithColonsOrWithout(text: String) throws {
        let expected = CertificateFingerprint(
            algorithm: .sha256, bytes: Array(repeating: [0x5F, 0xE1] as [UInt8], count: 16).flatMap { $0 })
        let rule = try #require(try rule("?pin=sha256:\(text)"))
        #expect(rule.trust == .pin(expected))
        #expect(try rule.verification(place: "--route w") == .pin(expected))
    }

    @Test(arguments: [
        "", "sha256", "sha256:", digits, "sha1:\(digits)", "sha256:\(digits)0", "sha256:\(digits.dropLast())",
        "sha256:\(digits.dropLast())x", "sha256:\(digits.dropLast())é",
    ])
    func aPinOfAnotherFormIsRefused(text: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try rule("?pin=\(text)") }
        expectSentence(
            error?.description ?? "", begins: "--route w: pin must be sha256:", cure: "64 hexadecimal digits")
    }

    @Test(arguments: ["verify=ca", "ca=a.pem", "server-name=b"]) func aPinStandsAlone(other: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try rule("?\(other)&pin=sha256:\(Self.digits)") }
        expectSentence(error?.description ?? "", begins: "--route w: ", cure: "leave one of them out")
    }

    private func expectRefusal(of path: String, _ cure: String) {
        let rule = CertificateRule(serverName: "game", trust: .authorities(file: path, checksName: true))
        let error = #expect(throws: ConfigurationError.self) { try rule.verification(place: "--route w") }
        expectSentence(error?.description ?? "", begins: "--route w: ca=\(path) ", cure: cure)
    }

    /// Files are read when the gateway starts, and what is wrong with one is said then.
    @Test func whatIsNoFileOfCertificatesIsNamed() throws {
        expectRefusal(of: "/nowhere/ca.pem", "cannot be read: No such file or directory")
        try withTemporaryFolder { expectRefusal(of: $0, "is no file") }
        for bytes in [[], Array("nothing of use".utf8)] {
            try withTemporaryFile(bytes) { expectRefusal(of: $0, "holds no certificate") }
        }
        try withTemporaryFile(Array(Self.certificate.utf8)) { expectRefusal(of: $0, "or a broken one") }
        try withTemporaryFile([UInt8](repeating: 10, count: (1 << 20) + 1)) {
            expectRefusal(of: $0, "is longer than 1048576 bytes; name the one")
        }
    }
}
