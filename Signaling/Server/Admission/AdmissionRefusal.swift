import Gateway
import JOSE
import NIOHTTP1

/// Why somebody may not join, as far as that is decided before the sessions are asked. Nothing was changed.
enum AdmissionRefusal: Error, Equatable, Sendable {
    /// There is no `Authorization: Bearer`, or more than one.
    case tokenMissing
    case tokenRefused(TokenFault)
    /// The member of the claim `torii` that cannot be used.
    case grantMalformed(String?)
    case routeNotAllowed
    case serverUnknown
    /// The page asks for another value than this.
    case parameterNotAllowed(Parameter, UInt32)

    var kind: AdmissionRefusalKind {
        switch self {
        case .tokenMissing: .tokenMissing
        case .tokenRefused(let fault): fault.kind
        case .grantMalformed: .tokenClaims
        case .routeNotAllowed, .serverUnknown, .parameterNotAllowed: .notAllowed
        }
    }

    /// RFC 6750 §3.1: the status, and the error's name where a token was there at all.
    private var answer: (status: HTTPResponseStatus, error: String?) {
        switch self {
        case .tokenMissing: (.unauthorized, nil)
        case .tokenRefused, .grantMalformed: (.unauthorized, "invalid_token")
        case .routeNotAllowed, .serverUnknown, .parameterNotAllowed: (.forbidden, "insufficient_scope")
        }
    }

    var response: HTTPResponse {
        let challenge = answer.error.map { #"Bearer error="\#($0)""# } ?? "Bearer"
        return HTTPResponse(answer.status, sentence, headers: ["WWW-Authenticate": challenge])
    }

    var sentence: String {
        switch self {
        case .tokenMissing: "Joining needs a token here; send one as Authorization: Bearer TOKEN."
        case .tokenRefused(let fault): fault.sentence
        case .grantMalformed(nil): "The token's claim torii is no object; let its issuer make it one."
        case .grantMalformed(let member?):
            "The token's claim torii has \(ParameterError.quoted(member)), which is unknown or has a value that cannot be; let its issuer correct it."
        case .routeNotAllowed: "The token is not for this route; ask for one that names it."
        case .serverUnknown: "The token names a server, and this route has none to choose from; ask for one without."
        case .parameterNotAllowed(let parameter, let value):
            "The token is for the \(parameter.rawValue) \(value); leave it out, or ask for another token."
        }
    }
}

extension TokenFault {
    fileprivate var kind: AdmissionRefusalKind {
        switch self {
        case .malformed: .tokenMalformed
        case .algorithmUnknown, .typeForeign, .criticalUnknown: .tokenUnsupported
        case .keyUnknown: .tokenKeyUnknown
        case .signatureWrong: .tokenSignature
        case .expired: .tokenExpired
        case .notYetValid: .tokenNotYetValid
        case .issuerWrong: .tokenIssuer
        case .audienceWrong: .tokenAudience
        case .expiryMissing, .claimMalformed: .tokenClaims
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .malformed: "The token is no signed JWT, or is cut off; send it as its issuer made it."
        case .algorithmUnknown:
            "The token's algorithm is not taken here; let it be signed with HS256, RS256, ES256 or EdDSA."
        case .typeForeign: "The token's header says that it is for something else; ask for one that is a JWT."
        case .criticalUnknown: "The token's header has a crit, which is not understood here; ask for one without."
        case .keyUnknown: "The token is signed with a key that the gateway does not know; ask for a new one."
        case .signatureWrong: "The token's signature is wrong; send it as its issuer made it."
        case .expiryMissing: "The token has no exp, and would be good for ever; ask for one that ends."
        case .expired: "The token has expired; ask for a new one."
        case .notYetValid: "The token is not valid yet; compare the clocks of its issuer and the gateway."
        case .issuerWrong: "The token is from another issuer than the gateway expects; ask the right one."
        case .audienceWrong: "The token is for another audience than this gateway; ask for one whose aud names it."
        case .claimMalformed(let claim):
            "The token's claim \(claim) has a value that cannot be; let its issuer correct it."
        }
    }
}
