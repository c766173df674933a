import Gateway
import JOSE
import NIOHTTP1

/// Why somebody may not join, as far as that is decided before the sessions are asked. Nothing was changed.
enum AdmissionRefusal: Error, Equatable, Sendable {
    /// The page is of a site that may not.
    case originNotAllowed
    /// The keys that tokens are signed with are not known yet.
    case keysMissing
    /// The service that decides says no, and perhaps why.
    case serviceRefused(isForbidden: Bool, String?)
    /// It does not answer, or nothing that could be used.
    case serviceFailed
    /// As many wait for it as may.
    case serviceBusy
    /// There is no `Authorization: Bearer`, or more than one.
    case tokenMissing
    case tokenRefused(TokenFault)
    /// The member of the claim `torii` that cannot be used.
    case grantMalformed(String?)
    case routeNotAllowed
    /// The page asks for another server than this.
    case serverNotAllowed(String)
    /// The page asks for another value than this.
    case parameterNotAllowed(Parameter, UInt32)

    var kind: AdmissionRefusalKind {
        switch self {
        case .originNotAllowed: .originNotAllowed
        case .keysMissing: .keysMissing
        case .serviceRefused: .serviceRefused
        case .serviceFailed: .serviceFailed
        case .serviceBusy: .serviceBusy
        case .tokenMissing: .tokenMissing
        case .tokenRefused(let fault): fault.kind
        case .grantMalformed: .tokenClaims
        case .routeNotAllowed, .serverNotAllowed, .parameterNotAllowed: .notAllowed
        }
    }

    /// RFC 6750 §3.1: an error is named where a token was there at all.
    var response: HTTPResponse {
        switch self {
        case .originNotAllowed: HTTPResponse(.forbidden, sentence)
        case .serviceRefused(let isForbidden, _):
            HTTPResponse(
                isForbidden ? .forbidden : .unauthorized, sentence,
                headers: ["WWW-Authenticate": isForbidden ? #"Bearer error="insufficient_scope""# : "Bearer"])
        case .keysMissing, .serviceFailed, .serviceBusy:
            HTTPResponse(
                .serviceUnavailable, sentence, headers: ["Retry-After": String(Limits.retryWhenFull)])
        case .tokenMissing: HTTPResponse(.unauthorized, sentence, headers: ["WWW-Authenticate": "Bearer"])
        case .tokenRefused, .grantMalformed:
            HTTPResponse(
                .unauthorized, sentence, headers: ["WWW-Authenticate": #"Bearer error="invalid_token""#])
        case .routeNotAllowed, .serverNotAllowed, .parameterNotAllowed:
            HTTPResponse(
                .forbidden, sentence, headers: ["WWW-Authenticate": #"Bearer error="insufficient_scope""#])
        }
    }

    var sentence: String {
        switch self {
        case .originNotAllowed:
            "Pages of this site may not join here; let the gateway's --allowed-origin name it."
        case .keysMissing: "The gateway does not know the keys of tokens yet; try again in a few seconds."
        case .serviceRefused(_, let words): words ?? "The service that decides who may join here says no."
        case .serviceFailed: "The service that decides who may join here does not answer; try again in a few seconds."
        case .serviceBusy: "Too many wait to be let in at the moment; try again in a few seconds."
        case .tokenMissing: "Joining needs a token here; send one as Authorization: Bearer TOKEN."
        case .tokenRefused(let fault): fault.sentence
        case .grantMalformed(nil): "The token's claim torii is no object; let its issuer make it one."
        case .grantMalformed(let member?):
            "The token's claim torii has \(ParameterError.quoted(member)), which is unknown or has a value that cannot be; let its issuer correct it."
        case .routeNotAllowed: "The token is not for this route; ask for one that names it."
        case .serverNotAllowed(let name):
            "The token is for the server \(ParameterError.quoted(name)); leave server out, or ask for another token."
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
