/// How a game server shows that it is the one a route means.
public enum ServerVerification: Equatable, Sendable {
    /// Its certificate is for the name it is known by, and comes from one of these authorities.
    case name(CertificateAuthorities)
    /// Its certificate comes from one of these authorities, whatever the name in it.
    case authority(CertificateAuthorities)
    /// It has this very certificate, whoever made it, whatever is in it and however old it is.
    case pin(CertificateFingerprint)
    /// It need not show anything: whoever is on the way can pass for it.
    case none
}
