/// How a token is signed (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// Left out: `none`; those with longer hashes and RSA-PSS, which issuers of such tokens rarely use by default.
public enum SigningAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    /// The algorithm of a header's or a key's `alg`.
    ///
    /// RFC 9864 §2.2 gives EdDSA with the one curve taken here a name of its own.
    init?(name: String) {
        guard name != "Ed25519" else {
            self = .edDSA
            return
        }
        self.init(rawValue: name)
    }
}
