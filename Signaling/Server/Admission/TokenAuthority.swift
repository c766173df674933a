import JOSE

/// Whose tokens are good, and what is asked of them.
public struct TokenAuthority: Sendable {
    private let keys: [VerificationKey]
    /// Those that a service publishes.
    private let remote: RemoteKeySet?
    private let rules: TokenRules

    public init(keys: [VerificationKey], remote: RemoteKeySet? = nil, rules: TokenRules) {
        self.keys = keys
        self.remote = remote
        self.rules = rules
    }

    /// What a token allows.
    ///
    /// - Parameter now: in seconds since 1970.
    func grant(of token: String?, at now: UInt64) async throws(AdmissionRefusal) -> Grant {
        guard let token else { throw .tokenMissing }
        let claims = try await claims(of: token, at: now)
        do throws(GrantFault) {
            return try Grant(claims[Grant.claim])
        } catch {
            throw .grantMalformed(error.member)
        }
    }

    private func claims(of text: String, at now: UInt64) async throws(AdmissionRefusal) -> JSON {
        let published = await remote?.keys(at: now)
        do throws(TokenFault) {
            let token = try CompactJWS(parsing: text)
            do throws(TokenFault) {
                return try token.claims(verifiedBy: keys + (published ?? []), rules, at: Double(now))
            } catch {
                // Its issuer may have begun to use a new one.
                guard error == .keyUnknown, let renewed = await remote?.renewedKeys(at: now) else { throw error }
                return try token.claims(verifiedBy: renewed, rules, at: Double(now))
            }
        } catch {
            if error == .keyUnknown, remote != nil, published == nil { throw .keysMissing }
            throw .tokenRefused(error)
        }
    }
}
