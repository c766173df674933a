import JOSE
import TokenSigning

enum JOSEBenchmarks {
    private static let secret = [UInt8](repeating: 7, count: 32)

    static let all = [
        MicroBenchmark(name: "jose.hs256", meaning: "a token of HS256 read and verified", rounds: 100) {
            let key = VerificationKey(secret: secret)
            return verifying(SigningKey(.secret(secret)), key.map { [$0] } ?? [])
        },
        MicroBenchmark(name: "jose.es256", meaning: "a token of ES256 read and verified", rounds: 50) {
            let signer = SigningKey(.curve("P-256"))
            return verifying(signer, try KeyFile.keys(in: Array(signer.pem.utf8)))
        },
        MicroBenchmark(name: "jose.eddsa", meaning: "a token of EdDSA read and verified", rounds: 50) {
            let signer = SigningKey(.ed25519)
            return verifying(signer, try KeyFile.keys(in: Array(signer.pem.utf8)))
        },
    ]

    private static func verifying(_ signer: SigningKey, _ keys: [VerificationKey]) -> () throws -> Void {
        let token = signer.token(#"{"iss":"https://game.example","aud":"torii","exp":2000000000,"sub":"player"}"#)
        let rules = TokenRules(issuer: "https://game.example", audiences: ["torii"])
        return {
            counted {
                let claims = try? CompactJWS(parsing: token).claims(verifiedBy: keys, rules, at: 1_900_000_000)
                expect(claims != nil, "The token was refused.")
            }
        }
    }
}
