import DTLS
import Glibc
import TLS

/// Files of certificate authorities in PEM form.
enum AuthorityFile {
    // Our choice: a system's file of all authorities has a quarter of it.
    private static let longest = 1 << 20

    /// Where systems keep all the authorities they trust in one file: Debian and its kin, Fedora and its kin, others.
    private static let systems = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    /// - Parameter place: where it was named, as the error shall begin.
    static func read(_ path: String, place: String) throws(ConfigurationError) -> CertificateAuthorities {
        let contents = try FileContents.read(
            path, place: place, what: "the authorities' certificates", longest: longest)
        guard let authorities = CertificateAuthorities(pem: contents) else {
            throw ConfigurationError(
                "\(place) holds no certificate in PEM form, or a broken one; look at it with openssl x509.")
        }
        return authorities
    }

    /// In PEM form, for servers of TLS.
    ///
    /// - Parameter place: where it was named, as the error shall begin.
    static func readForTLS(_ path: String, place: String) throws(ConfigurationError) -> [UInt8] {
        let pem = try FileContents.read(
            path, place: place, what: "the authorities' certificates", longest: longest)
        do throws(TLSSetupError) {
            _ = try TLSContext.client(authorities: pem)
        } catch {
            throw ConfigurationError("\(place) \(error); look at it with openssl x509.")
        }
        return pem
    }

    /// Those the system trusts.
    ///
    /// - Parameter place: what asks for them, as the error shall begin.
    static func readSystems(place: String) throws(ConfigurationError) -> CertificateAuthorities {
        guard let path = systems.first(where: { access($0, R_OK) == 0 }) else {
            throw ConfigurationError(
                "\(place): this system has no file of certificate authorities; install ca-certificates, or name a file with ca=FILE."
            )
        }
        return try read(path, place: "\(place): \(path)")
    }
}
