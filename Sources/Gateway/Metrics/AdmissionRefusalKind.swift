/// Why a join is turned away before the sessions are asked: a closed list, whose raw names are the metric's label.
public enum AdmissionRefusalKind: String, CaseIterable, Sendable {
    case originNotAllowed = "origin-not-allowed"
    /// The service that has the keys has not answered yet.
    case keysMissing = "keys-missing"
    /// The service that decides says no.
    case serviceRefused = "service-refused"
    case serviceFailed = "service-failed"
    /// As many wait for it as may.
    case serviceBusy = "service-busy"
    case tokenMissing = "token-missing"
    case tokenMalformed = "token-malformed"
    /// Its algorithm, its type, or something that must be understood and is not.
    case tokenUnsupported = "token-unsupported"
    case tokenKeyUnknown = "token-key-unknown"
    case tokenSignature = "token-signature"
    case tokenExpired = "token-expired"
    case tokenNotYetValid = "token-not-yet-valid"
    case tokenIssuer = "token-issuer"
    case tokenAudience = "token-audience"
    case tokenClaims = "token-claims"
    /// The token is good, and not for this route or this id.
    case notAllowed = "not-allowed"
}
