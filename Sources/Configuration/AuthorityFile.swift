import DTLS
import Glibc

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
        // Non-blocking, so that a pipe cannot hold up the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(place, errno) }
        defer { close(descriptor) }
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0 else { throw unreadable(place, errno) }
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(place) is no file; name the one that holds the authorities' certificates.")
        }
        guard attributes.st_size <= longest else {
            throw ConfigurationError("\(place) is longer than \(longest) bytes; name one with fewer certificates.")
        }
        guard let authorities = CertificateAuthorities(pem: try contents(of: descriptor, place: place)) else {
            throw ConfigurationError(
                "\(place) holds no certificate in PEM form, or a broken one; look at it with openssl x509.")
        }
        return authorities
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

    private static func contents(of descriptor: Int32, place: String) throws(ConfigurationError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: longest)
        var count = 0
        while count < longest {
            let read = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + count }, longest - count)
            }
            guard read >= 0 else { throw unreadable(place, errno) }
            guard read > 0 else { break }
            count += read
        }
        return Array(bytes.prefix(count))
    }

    private static func unreadable(_ place: String, _ code: Int32) -> ConfigurationError {
        ConfigurationError("\(place) cannot be read: \(String(cString: strerror(code))).")
    }
}
