// JSON Web Signature (RFC 7515) as JSON Web Tokens use it (RFC 7519), by the rules of RFC 8725.
//
// Left out: encryption (JWE), the JSON serializations, unencoded payloads (RFC 7797), and every header parameter by which a
// token would say where its own key is: `jwk`, `jku`, `x5u`, `x5c` are not looked at (RFC 8725 §3.10).

/// A token taken apart; nothing in it has been verified yet.
public struct CompactJWS: Sendable {
    public let keyID: String?
    let algorithm: SigningAlgorithm
    private let payload: [UInt8]
    private let signature: [UInt8]
    /// The bytes that were signed.
    private let signed: [UInt8]

    // Our choice: tokens are some hundred bytes, those with many groups a few thousand.
    /// Bytes of a token.
    public static let longest = 8192
    /// RFC 7519 §5.1 and RFC 9068 §2.1; a `typ` is not needed.
    private static let types = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]

    public init(parsing token: some StringProtocol) throws(TokenFault) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.longest else { throw .malformed }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap({ JSON(parsing: $0) }),
            header.members != nil, let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        self.payload = payload
        self.signature = signature
        signed = Array(bytes[..<parts[1].endIndex])
        guard let name = header["alg"]?.string else { throw .malformed }
        guard let algorithm = SigningAlgorithm(name: name) else { throw .algorithmUnknown }
        self.algorithm = algorithm
        // None is understood here, and one that is empty must not be there either.
        guard header["crit"] == nil else { throw .criticalUnknown }
        if let type = header["typ"] {
            guard let text = type.string, Self.types.contains(text.lowercased()) else { throw .typeForeign }
        }
        keyID = header["kid"]?.string
        guard header["kid"] == nil || keyID != nil else { throw .malformed }
    }

    /// The claims, once signature and times hold, and issuer and audience are those that are asked for.
    ///
    /// - Parameters:
    ///   - keys: those that are trusted.
    ///   - now: in seconds since 1970.
    public func claims(
        verifiedBy keys: [VerificationKey], _ rules: TokenRules, at now: Double
    ) throws(TokenFault) -> JSON {
        let candidates = candidates(among: keys)
        guard !candidates.isEmpty else { throw .keyUnknown }
        guard candidates.contains(where: { $0.verifies(signature, of: signed) }) else { throw .signatureWrong }
        guard let claims = JSON(parsing: payload), claims.members != nil else { throw .malformed }
        try rules.check(claims, at: now)
        return claims
    }

    /// Keys of the token's algorithm: with a `kid` those of that name or, where there is none, those without a name.
    private func candidates(among keys: [VerificationKey]) -> [VerificationKey] {
        let fitting = keys.filter { $0.algorithm == algorithm }
        guard let keyID else { return fitting }
        let named = fitting.filter { $0.keyID.map { $0.isSame(as: keyID) } == true }
        return named.isEmpty ? fitting.filter { $0.keyID == nil } : named
    }
}
