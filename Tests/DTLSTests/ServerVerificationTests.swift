import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// Whose certificate a game server may show, and what is said of one that may not be.
@Suite struct ServerVerificationTests {
    private static let root = Result { try TestCertificate("Root", isAuthority: true) }
    private static let middle = Result {
        try TestCertificate("Middle", isAuthority: true, issuer: root.get())
    }

    private func leaf(
        names: [String] = ["DNS:game.example"], days: ClosedRange<Int> = -1...30, key: TestCertificate.Key = .p256,
        isChained: Bool = true
    ) throws -> TestCertificate {
        try TestCertificate("leaf", names: names, days: days, key: key, issuer: isChained ? Self.middle.get() : nil)
    }

    private func outcome(
        _ chain: [TestCertificate], _ verification: ServerVerification, name: String = "game.example"
    ) throws -> DTLSConnection.State {
        let front = try SecuredFront(chain: chain, security: .none)
        let pair = try SecuredPair(front, verification, name: name)
        pair.start()
        let isUp = pair.client.state == .established
        #expect(front.helloVerifyRequests == 1)
        #expect(front.handshakes == (isUp ? 1 : 0))
        #expect(pair.send([1, 2, 3]) == isUp)
        pair.exchange()
        #expect(pair.atServer == (isUp ? [[1, 2, 3]] : []))
        return pair.client.state
    }

    private func expectRefusal(
        _ words: String, _ chain: [TestCertificate], _ verification: ServerVerification, name: String = "game.example",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard case .closed(.certificateRefused(let said)) = try outcome(chain, verification, name: name) else {
            Issue.record("it was not refused", sourceLocation: sourceLocation)
            return
        }
        #expect(said.contains(words), "\(said)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [TestCertificate.Key.p256, .p384, .rsa2048])
    func aChainToTheAuthorityIsAccepted(key: TestCertificate.Key) throws {
        let chain = [try leaf(key: key), try Self.middle.get()]
        let root = try Self.root.get().authorities
        #expect(try outcome(chain, .name(root)) == .established)
        #expect(try outcome(chain, .authority(root), name: "other.example") == .established)
    }

    @Test(arguments: ["192.0.2.7", "2001:db8::7"]) func anAddressIsANameToo(address: String) throws {
        let root = try Self.root.get().authorities
        let chain = [try leaf(names: ["DNS:game.example", "IP:\(address)"]), try Self.middle.get()]
        #expect(try outcome(chain, .name(root), name: address) == .established)
        try expectRefusal("IP address mismatch", chain, .name(root), name: "192.0.2.8")
    }

    @Test func aWildcardStandsForOneLabel() throws {
        let root = try Self.root.get().authorities
        let chain = [try leaf(names: ["DNS:*.game.example"]), try Self.middle.get()]
        #expect(try outcome(chain, .name(root), name: "eu.game.example") == .established)
        try expectRefusal("ostname mismatch", chain, .name(root), name: "a.eu.game.example")
    }

    /// What a file names is trusted as it is, an authority or not.
    @Test func theServersOwnCertificateOrOneInBetweenMayBeTheAuthority() throws {
        let own = try leaf(isChained: false)
        #expect(try outcome([own], .name(own.authorities)) == .established)
        let chained = try leaf()
        #expect(try outcome([chained], .name(chained.authorities)) == .established)
        #expect(try outcome([chained], .name(Self.middle.get().authorities)) == .established)
    }

    @Test func theWrongNameIsRefused() throws {
        let chain = [try leaf(), try Self.middle.get()]
        try expectRefusal("ostname mismatch", chain, .name(Self.root.get().authorities), name: "other.example")
        // An address is no host name, whatever the certificate says.
        let literal = [try leaf(names: ["DNS:192.0.2.7"]), try Self.middle.get()]
        try expectRefusal("IP address mismatch", literal, .name(Self.root.get().authorities), name: "192.0.2.7")
    }

    @Test func whatIsNotOfTodayIsRefused() throws {
        let root = try Self.root.get().authorities
        let middle = try Self.middle.get()
        try expectRefusal("has expired", [try leaf(days: -9 ... -1), middle], .authority(root))
        try expectRefusal("not yet valid", [try leaf(days: 1...9), middle], .authority(root))
    }

    @Test func whatNobodyKnowsIsRefused() throws {
        let root = try Self.root.get().authorities
        try expectRefusal("self-signed certificate", [try leaf(isChained: false)], .authority(root))
        let stranger = try TestCertificate("Root", isAuthority: true)
        let forged = try TestCertificate("leaf", names: ["DNS:game.example"], issuer: stranger)
        try expectRefusal("certificate", [forged, stranger], .authority(root))
        // The certificate in between is missing.
        try expectRefusal("unable to get local issuer", [try leaf()], .authority(root))
    }

    /// A leaf that plays the authority.
    @Test func aLeafCannotVouch() throws {
        let leaf = try leaf()
        let child = try TestCertificate("child", names: ["DNS:game.example"], issuer: leaf)
        try expectRefusal("invalid CA", [child, leaf, try Self.middle.get()], .name(Self.root.get().authorities))
    }

    @Test func aWeakKeyIsRefused() throws {
        let chain = [try leaf(key: .rsa1024), try Self.middle.get()]
        try expectRefusal("key too weak", chain, .name(Self.root.get().authorities))
    }

    @Test func aPinIsOneCertificateWhateverIsInIt() throws {
        let old = try leaf(names: [], days: -9 ... -1, isChained: false)
        #expect(try outcome([old], .pin(old.fingerprint)) == .established)
        var wrong = old.fingerprint.bytes
        wrong[31] ^= 1
        let other = CertificateFingerprint(algorithm: .sha256, bytes: wrong)
        #expect(try outcome([old], .pin(other)) == .closed(.fingerprintMismatch))
        // The pin is the server's own certificate, not one that it shows besides.
        let chain = [try leaf(), try Self.middle.get()]
        #expect(try outcome(chain, .pin(chain[1].fingerprint)) == .closed(.fingerprintMismatch))
    }

    @Test func unverifiedMeansAnyone() throws {
        #expect(try outcome([try leaf(names: [], days: -9 ... -1, isChained: false)], .none) == .established)
    }

    @Test func authoritiesAreReadFromPEM() throws {
        let (root, middle) = (try Self.root.get().pem, try Self.middle.get().pem)
        #expect(CertificateAuthorities(pem: root + middle)?.count == 2)
        #expect(CertificateAuthorities(pem: Array("words before\n".utf8) + root)?.count == 1)
        #expect(CertificateAuthorities(pem: []) == nil)
        #expect(CertificateAuthorities(pem: Array("no certificate".utf8)) == nil)
        #expect(CertificateAuthorities(pem: try Self.root.get().keyPEM) == nil)
        #expect(CertificateAuthorities(pem: root + middle.dropLast(40)) == nil)
        var broken = root
        broken[60] ^= 1
        #expect(CertificateAuthorities(pem: broken) == nil)
    }
}
