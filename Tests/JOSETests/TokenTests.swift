import Testing
import TokenSigning

@testable import JOSE

/// What a token must be, whoever signed it.
struct TokenTests {
    private static let secret = [UInt8](repeating: 7, count: 32)
    private static let good = #"{"exp":1000,"sub":"p"}"#

    private let signer = SigningKey(.secret(secret))
    private let keys: [VerificationKey]

    init() throws {
        keys = [try #require(VerificationKey(secret: Self.secret))]
    }

    private func fault(
        _ token: String, _ rules: TokenRules = TokenRules(leeway: 0), at now: Double = 999
    ) -> TokenFault? {
        do throws(TokenFault) {
            _ = try CompactJWS(parsing: token).claims(verifiedBy: keys, rules, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func aGoodOneIsTaken() throws {
        #expect(fault(signer.token(Self.good)) == nil)
    }

    @Test func aTokenCutAnywhereIsRefused() {
        let token = signer.token(Self.good)
        for count in 0..<token.count {
            #expect(fault(String(token.prefix(count))) != nil, "\(count)")
        }
        #expect(fault(token + "A") == .signatureWrong)
        #expect(fault(token + ".") == .malformed)
        #expect(fault("." + token) == .malformed)
    }

    /// RFC 8725 §2.1, §3.2
    @Test(arguments: ["none", "None", "NONE", "", "HS384", "RS512", "PS256", "ES256K", "hs256", "HS256 "])
    func otherAlgorithmsAreRefused(name: String) {
        let header = #"{"alg":"\#(name)"}"#
        #expect(fault(signer.token(Self.good, header: header)) == .algorithmUnknown)
        let unsigned =
            "\(SigningKey.base64URL(Array(header.utf8))).\(SigningKey.base64URL(Array(Self.good.utf8)))."
        #expect(fault(unsigned) == .algorithmUnknown)
    }

    /// The public key's text taken for a secret (RFC 8725 §2.1).
    @Test func aTokenDoesNotChooseWhatAKeyIsFor() throws {
        for kind in [SigningKey.Kind.rsa(bits: 2048), .curve("P-256"), .ed25519] {
            let owner = SigningKey(kind)
            let known = try KeyFile.keys(in: Array(owner.pem.utf8))
            let forger = SigningKey(.secret(Array(owner.pem.utf8)))
            for (token, expected) in [
                (forger.token(Self.good), TokenFault.keyUnknown),
                (forger.token(Self.good, header: #"{"alg":"\#(owner.algorithm)"}"#), .signatureWrong),
            ] {
                #expect(throws: expected) {
                    try CompactJWS(parsing: token).claims(verifiedBy: known, TokenRules(), at: 999)
                }
            }
            _ = try CompactJWS(parsing: owner.token(Self.good)).claims(verifiedBy: known, TokenRules(), at: 999)
        }
    }

    @Test func anotherKeyOfTheSameKindIsRefused() throws {
        for kind in [SigningKey.Kind.rsa(bits: 2048), .curve("P-256"), .ed25519] {
            let known = try KeyFile.keys(in: Array(SigningKey(kind).pem.utf8))
            let token = try CompactJWS(parsing: SigningKey(kind).token(Self.good))
            #expect(throws: TokenFault.signatureWrong) {
                try token.claims(verifiedBy: known, TokenRules(), at: 999)
            }
        }
    }

    /// RFC 9864 has a name for EdDSA with this curve.
    @Test func ed25519IsEdDSA() throws {
        let owner = SigningKey(.ed25519)
        let known = try KeyFile.keys(in: Array(owner.pem.utf8))
        let token = try CompactJWS(parsing: owner.token(Self.good, header: #"{"alg":"Ed25519"}"#))
        _ = try token.claims(verifiedBy: known, TokenRules(), at: 999)
    }

    /// RFC 7515 §4.1.11, RFC 7797 §3
    @Test(arguments: [#"["b64"],"b64":false"#, #"["exp"],"exp":1"#, "[]", "null", #""""#])
    func whatMustBeUnderstoodIsNot(critical: String) {
        #expect(fault(signer.token(Self.good, header: #"{"alg":"HS256","crit":\#(critical)}"#)) == .criticalUnknown)
    }

    /// RFC 8725 §3.11
    @Test(arguments: [("JWT", true), ("jwt", true), ("at+jwt", true), ("dpop+jwt", false), ("secevent+jwt", false)])
    func aTokenOfAnotherTypeIsRefused(type: String, isTaken: Bool) {
        let token = signer.token(Self.good, header: #"{"alg":"HS256","typ":"\#(type)"}"#)
        #expect(fault(token) == (isTaken ? nil : .typeForeign))
    }

    @Test(arguments: [
        "", "[]", "null", #"{"alg":"HS256""#, #"{"alg":"HS256"} x"#, #"{"alg":7}"#, "{}", #"{"alg":"HS256","kid":7}"#,
        #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#,
    ])
    func aHeaderMustBeAnObjectWithEachNameOnce(header: String) {
        #expect(fault(signer.token(Self.good, header: header)) == .malformed)
    }

    @Test(arguments: [
        "", "[]", #""text""#, #"{"exp":1000,"exp":2000}"#, #"{"exp":1000}x"#, "{\"exp\":1000,\"a\":\"\u{1}\"}",
    ])
    func claimsMustBeAnObjectWithEachNameOnce(claims: String) {
        #expect(fault(signer.token(claims)) == .malformed)
    }

    @Test func aTokenHasABound() {
        let padding = String(repeating: "x", count: 6200)
        #expect(fault(signer.token(#"{"exp":1000,"x":"\#(padding)"}"#)) == .malformed)
        #expect(fault(signer.token(#"{"exp":1000,"x":"\#(padding.prefix(5900))"}"#)) == nil)
    }

    @Test(
        arguments: [
            (#"{"exp":1000}"#, 999.9, nil), (#"{"exp":1000}"#, 1000, .expired), (#"{"exp":1000.5}"#, 1000.4, nil),
            (#"{"exp":1e3}"#, 999, nil), (#"{}"#, 0, .expiryMissing), (#"{"exp":"1000"}"#, 0, .claimMalformed("exp")),
            (#"{"exp":null}"#, 0, .claimMalformed("exp")), (#"{"exp":1e999}"#, 0, .malformed),
            (#"{"exp":1000,"nbf":500}"#, 499.9, .notYetValid), (#"{"exp":1000,"nbf":500}"#, 500, nil),
            (#"{"exp":1000,"iat":500}"#, 499.9, .notYetValid), (#"{"exp":1000,"iat":500}"#, 500, nil),
            (#"{"exp":1000,"nbf":"x"}"#, 500, .claimMalformed("nbf")),
        ] as [(String, Double, TokenFault?)])
    func timesHold(claims: String, now: Double, expected: TokenFault?) {
        #expect(fault(signer.token(claims), at: now) == expected)
    }

    @Test func clocksMayDiffer() {
        let rules = TokenRules(leeway: 30)
        let token = signer.token(#"{"exp":1000,"nbf":900}"#)
        #expect(fault(token, rules, at: 1029.9) == nil)
        #expect(fault(token, rules, at: 1030) == .expired)
        #expect(fault(token, rules, at: 870) == nil)
        #expect(fault(token, rules, at: 869.9) == .notYetValid)
    }

    @Test(
        arguments: [
            (#""torii""#, nil), (#"["other","torii"]"#, nil), (#""Torii""#, .audienceWrong), (#"[]"#, .audienceWrong),
            (#"["other"]"#, .audienceWrong), ("7", .claimMalformed("aud")), (#"["torii",7]"#, .claimMalformed("aud")),
            (nil, .audienceWrong),
        ] as [(String?, TokenFault?)])
    func theAudienceMustBeOurs(audience: String?, expected: TokenFault?) {
        let claim = audience.map { #","aud":\#($0)"# } ?? ""
        let rules = TokenRules(audiences: ["torii", "t2"], leeway: 0)
        #expect(fault(signer.token(#"{"exp":1000\#(claim)}"#), rules) == expected)
    }

    /// RFC 7519 §4.1.3
    @Test func aTokenForSomebodyIsNotForAGatewayWithoutAName() {
        #expect(fault(signer.token(#"{"exp":1000,"aud":"torii"}"#)) == .audienceWrong)
    }

    /// RFC 7519 §7.3: the same letter in two spellings is not the same.
    @Test(arguments: [("caf\u{E9}", nil), ("cafe\u{301}", .issuerWrong)] as [(String, TokenFault?)])
    func namesAreComparedCodePointByCodePoint(issuer: String, expected: TokenFault?) {
        let rules = TokenRules(issuer: "caf\u{E9}", leeway: 0)
        #expect(fault(signer.token(#"{"exp":1000,"iss":"\#(issuer)"}"#), rules) == expected)
    }

    @Test(arguments: [#""other""#, "7", nil]) func theIssuerMustBeTheOne(issuer: String?) {
        let claim = issuer.map { #","iss":\#($0)"# } ?? ""
        let expected: TokenFault = issuer == "7" ? .claimMalformed("iss") : .issuerWrong
        #expect(fault(signer.token(#"{"exp":1000\#(claim)}"#), TokenRules(issuer: "a")) == expected)
    }

    @Test func aSignatureIsNotTakenInAnotherSpelling() throws {
        let token = signer.token(Self.good)
        #expect(fault(token + "=") == .malformed)
        // 32 bytes leave four bits without a meaning in the last character.
        let last = try #require(token.last)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let position = try #require(alphabet.firstIndex(of: last))
        #expect(fault(token.dropLast() + String(alphabet[position ^ 1])) == .malformed)
    }
}
