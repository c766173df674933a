import JOSE

/// Whose tokens are good, and what is asked of them.
public struct TokenAuthority: Sendable {
    private let keys: [VerificationKey]
    private let rules: TokenRules

    public init(keys: [VerificationKey], rules: TokenRules) {
        self.keys = keys
        self.rules = rules
    }

    /// What a token allows.
    ///
    /// - Parameter now: in seconds since 1970.
    func grant(of token: String?, at now: UInt64) async throws(AdmissionRefusal) -> Grant {
        guard let token else { throw .tokenMissing }
        let claims: JSON
        do throws(TokenFault) {
            claims = try CompactJWS(parsing: token).claims(verifiedBy: keys, rules, at: Double(now))
        } catch {
            throw .tokenRefused(error)
        }
        do throws(GrantFault) {
            return try Grant(claims[Grant.claim])
        } catch {
            throw .grantMalformed(error.member)
        }
    }
}
