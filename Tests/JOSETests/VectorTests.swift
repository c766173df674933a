import Testing

@testable import JOSE

/// The examples of the specifications.
struct VectorTests {
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    private static let secret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    private static let rsa =
        #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
    private static let curve =
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    private static let edwards =
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#

    private static let rules = TokenRules(issuer: "joe")
    private static let before = 1_300_819_379.0

    private func expectClaims(_ token: String, _ key: VerificationKey) throws {
        let claims = try CompactJWS(parsing: token).claims(verifiedBy: [key], Self.rules, at: Self.before)
        #expect(claims["http://example.com/is_root"] == .boolean(true))
        for position in token.indices where token[position] != "." {
            var other = token
            other.replaceSubrange(position...position, with: token[position] == "A" ? "B" : "A")
            #expect(throws: TokenFault.self) {
                try CompactJWS(parsing: other).claims(verifiedBy: [key], Self.rules, at: Self.before)
            }
        }
    }

    /// RFC 7515 §A.1
    @Test func hs256() throws {
        let secret = try #require(Base64URL.decode(Self.secret.utf8))
        try expectClaims(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(Self.claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            #require(VerificationKey(secret: secret)))
    }

    /// RFC 7515 §A.2
    @Test func rs256() throws {
        try expectClaims(
            "eyJhbGciOiJSUzI1NiJ9.\(Self.claims)."
                + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            #require(KeyFile.keys(in: Array(Self.rsa.utf8)).first))
    }

    /// RFC 7515 §A.3
    @Test func es256() throws {
        try expectClaims(
            "eyJhbGciOiJFUzI1NiJ9.\(Self.claims)."
                + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            #require(KeyFile.keys(in: Array(Self.curve.utf8)).first))
    }

    /// RFC 8037 §A.4, whose payload is no JSON: what is wrong is found only behind the signature.
    @Test func edDSA() throws {
        let key = try #require(try KeyFile.keys(in: Array(Self.edwards.utf8)).first)
        let token =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
            + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(throws: TokenFault.malformed) {
            try CompactJWS(parsing: token).claims(verifiedBy: [key], Self.rules, at: Self.before)
        }
        let changed = token.replacing("RXhhbXBsZSB", with: "SXhhbXBsZSB")
        #expect(throws: TokenFault.signatureWrong) {
            try CompactJWS(parsing: changed).claims(verifiedBy: [key], Self.rules, at: Self.before)
        }
    }

    @Test func aTokenIsGoodUntilItsEndAndTheLeeway() throws {
        let secret = try #require(Base64URL.decode(Self.secret.utf8))
        let key = try #require(VerificationKey(secret: secret))
        let token = try CompactJWS(
            parsing:
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(Self.claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        _ = try token.claims(verifiedBy: [key], Self.rules, at: 1_300_819_380 + 29.9)
        #expect(throws: TokenFault.expired) {
            try token.claims(verifiedBy: [key], Self.rules, at: 1_300_819_380 + 30)
        }
        #expect(throws: TokenFault.issuerWrong) {
            try token.claims(verifiedBy: [key], TokenRules(issuer: "jo"), at: Self.before)
        }
    }
}
