import Testing
import TokenSigning

@testable import JOSE

/// What files and sets of keys give, and which keys a token is tried with.
struct KeyTests {
    private static let claims = #"{"exp":1000}"#
    private static let kinds: [SigningKey.Kind] = [.rsa(bits: 2048), .curve("P-256"), .ed25519]

    private func keys(_ text: String) throws(KeyFault) -> [VerificationKey] {
        try KeyFile.keys(in: Array(text.utf8))
    }

    @Test(arguments: kinds) func aKeyIsTheSameInBothForms(kind: SigningKey.Kind) throws {
        let key = SigningKey(kind)
        #expect(try keys(key.pem) == keys(key.jwk()))
        #expect(try keys(key.pem).map(\.algorithm.rawValue) == [key.algorithm])
    }

    @Test func aFileHoldsSeveral() throws {
        let all = Self.kinds.map { SigningKey($0) }
        let file = "Issuer: example\n" + all.map(\.pem).joined(separator: "\n")
        #expect(try keys(file).map(\.algorithm) == [.rs256, .es256, .edDSA])
    }

    @Test(arguments: [
        (SigningKey.Kind.rsa(bits: 1024), "RSA of 1024 bits"), (.curve("P-384"), "an elliptic curve other than P-256"),
        (.curve("secp256k1"), "an elliptic curve other than P-256"),
    ])
    func aKeyThatCannotBeUsedIsNamed(kind: SigningKey.Kind, words: String) throws {
        do throws(KeyFault) {
            _ = try keys(SigningKey(kind).pem)
            Issue.record("it was taken")
        } catch {
            guard case .unusable(let found) = error else { throw error }
            #expect(found.hasPrefix(words))
        }
    }

    @Test(arguments: kinds) func aPrivateKeyIsRefused(kind: SigningKey.Kind) {
        #expect(throws: KeyFault.isPrivate) { try keys(SigningKey(kind).privatePEM) }
        #expect(throws: KeyFault.isPrivate) { try keys(#"{"keys":[\#(SigningKey(kind).jwk(#""d":"AA","#))]}"#) }
    }

    @Test(arguments: [
        ("", KeyFault.missing), ("nothing", .missing), ("{}", .unreadable), (#"{"keys":[]}"#, .missing),
        (#"{"keys":{}}"#, .unreadable), ("{", .unreadable), (#"{"keys":[7,{}]}"#, .missing),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", .unreadable),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n", .unreadable),
        ("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", .unreadable),
    ])
    func whatHoldsNoKeyIsRefused(text: String, fault: KeyFault) {
        #expect(throws: fault) { try keys(text) }
    }

    @Test func aFileCutAnywhereIsNoKey() {
        let text = SigningKey(.curve("P-256")).jwk()
        for count in 0..<text.count {
            #expect(throws: KeyFault.self) { try keys(String(text.prefix(count))) }
        }
    }

    @Test func thereAreNotTooMany() throws {
        let one = SigningKey(.ed25519)
        let limit = KeyFile.keyLimit
        #expect(try keys(String(repeating: one.pem, count: limit)).count == limit)
        #expect(throws: KeyFault.tooMany) { try keys(String(repeating: one.pem, count: limit + 1)) }
        let set = Array(repeating: one.jwk(), count: limit + 1).joined(separator: ",")
        #expect(throws: KeyFault.tooMany) { try keys(#"{"keys":[\#(set)]}"#) }
    }

    /// RFC 7517 §5: others may be in a set.
    @Test func keysForSomethingElseArePassedOver() throws {
        let good = SigningKey(.curve("P-256"))
        let others = [
            good.jwk(#""use":"enc","#), good.jwk(#""alg":"ES384","#), good.jwk(#""key_ops":["sign"],"#),
            SigningKey(.secret([UInt8](repeating: 1, count: 64))).jwk(), SigningKey(.rsa(bits: 1024)).jwk(),
            #"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#, #"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#,
            // A coordinate that is too long.
            good.jwk().replacing(#""y":""#, with: #""y":"AAAA"#),
            SigningKey(.ed25519).jwk(#""alg":"ES256","#),
        ]
        let set =
            #"{"keys":[\#((others + [good.jwk(#""kid":"a","use":"sig","alg":"ES256","#)]).joined(separator: ","))]}"#
        let found = try keys(set)
        #expect(found.map(\.keyID) == ["a"])
    }

    @Test func aPointBesideTheCurveIsNoKey() {
        let zeros = SigningKey.base64URL([UInt8](repeating: 0, count: 31) + [5])
        #expect(throws: KeyFault.missing) { try keys(#"{"kty":"EC","crv":"P-256","x":"\#(zeros)","y":"\#(zeros)"}"#) }
    }

    @Test func theKeyIDChooses() throws {
        let (first, second) = (SigningKey(.ed25519), SigningKey(.ed25519))
        let set = try keys(#"{"keys":[\#(first.jwk(#""kid":"1","#)),\#(second.jwk(#""kid":"2","#))]}"#)
        func fault(_ signer: SigningKey, _ keyID: String?, _ keys: [VerificationKey]) -> TokenFault? {
            let member = keyID.map { #","kid":"\#($0)""# } ?? ""
            do throws(TokenFault) {
                let token = try CompactJWS(
                    parsing: signer.token(Self.claims, header: #"{"alg":"EdDSA"\#(member)}"#))
                _ = try token.claims(verifiedBy: keys, TokenRules(), at: 0)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(first, "1", set) == nil)
        #expect(fault(second, "2", set) == nil)
        #expect(fault(second, nil, set) == nil)
        #expect(fault(first, "2", set) == .signatureWrong)
        #expect(fault(first, "3", set) == .keyUnknown)
        // A key without a name is for tokens with any.
        #expect(fault(first, "3", try set + keys(first.pem)) == nil)
    }

    @Test func aSecretIsLongEnoughAndTellsNothing() throws {
        #expect(VerificationKey(secret: [UInt8](repeating: 1, count: 31)) == nil)
        let key = try #require(VerificationKey(secret: Array("0123456789abcdef0123456789abcdef".utf8)))
        #expect("\(key)" == "key for HS256")
        #expect(throws: KeyFault.missing) {
            try keys(SigningKey(.secret([UInt8](repeating: 1, count: 64))).jwk())
        }
    }
}
