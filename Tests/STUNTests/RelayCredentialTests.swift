import STUN
import Testing

@Suite struct RelayCredentialTests {
    /// Computed with `openssl dgst -sha1 -hmac SECRET -binary | base64`.
    @Test(
        arguments: [
            ("0123456789abcdef0123456789abcdef", 1_795_300_000, "5f0c2a91", "tW+Qu5nFfyxLjgc3WY6gQ7PsAIc="),
            ("north", 1_433_895_918, "user", "/gk4t5tUc08OpM3NjrVjHSFVNmY="),
            (String(repeating: "k", count: 100), 0, "", "Lvb1LVrLOaXHRJX1pWNZsF9lJSo="),
        ] as [(String, UInt64, String, String)])
    func thePasswordIsTheHMACOfTheName(secret: String, expiry: UInt64, id: String, password: String) throws {
        let credential = try #require(RelayCredential(secret: Array(secret.utf8), expiry: expiry, id: id))
        #expect(credential.username == "\(expiry):\(id)")
        #expect(credential.password == password)
    }

    @Test func anotherSecretOrExpiryIsAnotherPassword() throws {
        func password(_ secret: String, _ expiry: UInt64) -> String? {
            RelayCredential(secret: Array(secret.utf8), expiry: expiry, id: "a")?.password
        }
        #expect(Set([password("one", 1), password("two", 1), password("one", 2)]).count == 3)
    }
}
