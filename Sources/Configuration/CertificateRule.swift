import DTLS

/// What `verify=` may say.
enum CertificateCheck: String, CaseIterable {
    case name, ca, none
}

/// How the certificate of a route's server is verified, as written; files are not read yet.
public struct CertificateRule: Equatable, Sendable {
    enum Trust: Equatable, Sendable {
        /// Authorities of this file, or the system's; the certificate must be for `serverName` too if `checksName`.
        case authorities(file: String?, checksName: Bool)
        case pin(CertificateFingerprint)
        case none
    }

    /// The host name or address the server is known by.
    public let serverName: String
    let trust: Trust

    /// The same with the authorities' file read.
    ///
    /// - Parameter place: the route as the error shall begin with it, and where it was written.
    public func verification(place: String) throws(ConfigurationError) -> ServerVerification {
        switch trust {
        case .pin(let fingerprint): return .pin(fingerprint)
        case .none: return .none
        case .authorities(let file, let checksName):
            let authorities =
                if let file {
                    try AuthorityFile.read(file, place: "\(place): ca=\(AsWritten(file))")
                } else {
                    try AuthorityFile.readSystems(place: place)
                }
            return checksName ? .name(authorities) : .authority(authorities)
        }
    }
}
