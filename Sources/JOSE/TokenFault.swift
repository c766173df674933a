/// Why a token is not taken.
public enum TokenFault: Error, Equatable, Sendable {
    /// It is no JWS in the compact form whose header and claims are JSON objects, or is longer than such tokens are.
    case malformed
    /// `alg` is none of `SigningAlgorithm`, `none` for one.
    case algorithmUnknown
    /// `typ` says that it is something else (RFC 8725 §3.11).
    case typeForeign
    /// `crit` names what must be understood and is not (RFC 7515 §4.1.11).
    case criticalUnknown
    /// No key that is known has this `kid`, or is for this algorithm.
    case keyUnknown
    case signatureWrong
    /// There is no `exp`.
    case expiryMissing
    case expired
    /// `nbf` or `iat` is later than now.
    case notYetValid
    case issuerWrong
    case audienceWrong
    /// A claim has a value it cannot have; the claim's name.
    case claimMalformed(String)
}
