/// What is asked of a token's registered claims (RFC 7519 §4.1).
public struct TokenRules: Equatable, Sendable {
    /// What `iss` must be; nil for anything.
    public var issuer: String?
    /// Of which `aud` must name one. Where there is none, a token for any audience is refused (RFC 7519 §4.1.3).
    public var audiences: [String]
    /// Seconds that clocks may differ.
    public var leeway: Double

    public init(issuer: String? = nil, audiences: [String] = [], leeway: Double = 30) {
        self.issuer = issuer
        self.audiences = audiences
        self.leeway = leeway
    }

    func check(_ claims: JSON, at now: Double) throws(TokenFault) {
        // Without an end a token that got lost would open the door for ever.
        guard let expiry = try seconds(of: "exp", in: claims) else { throw .expiryMissing }
        // RFC 7519 §4.1.4: on or after that time it must not be taken.
        guard now < expiry + leeway else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let start = try seconds(of: name, in: claims) else { continue }
            guard start <= now + leeway else { throw .notYetValid }
        }
        try checkIssuer(claims["iss"])
        try checkAudience(claims["aud"])
    }

    /// A NumericDate (RFC 7519 §2): seconds since 1970, and parts of them.
    private func seconds(of name: String, in claims: JSON) throws(TokenFault) -> Double? {
        guard let claim = claims[name] else { return nil }
        guard let seconds = claim.number else { throw .claimMalformed(name) }
        return seconds
    }

    private func checkIssuer(_ claim: JSON?) throws(TokenFault) {
        guard claim == nil || claim?.string != nil else { throw .claimMalformed("iss") }
        guard let issuer else { return }
        guard let name = claim?.string, name.isSame(as: issuer) else { throw .issuerWrong }
    }

    private func checkAudience(_ claim: JSON?) throws(TokenFault) {
        guard let claim else {
            guard audiences.isEmpty else { throw .audienceWrong }
            return
        }
        guard let names = claim.strings else { throw .claimMalformed("aud") }
        guard names.contains(where: { name in audiences.contains { $0.isSame(as: name) } }) else {
            throw .audienceWrong
        }
    }
}
