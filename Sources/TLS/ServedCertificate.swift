import COpenSSL
import Glibc

/// What people know a certificate by. Nothing of it is secret.
public struct ServedCertificate: Equatable, Sendable {
    /// SHA-256 of it as `openssl x509 -fingerprint` prints it.
    public let fingerprint: String
    /// Until when it is valid, in UTC as RFC 3339 has it.
    public let expiry: String

    /// - Parameter certificate: an X509 structure.
    init?(_ certificate: OpaquePointer) {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        var end = tm()
        guard X509_digest(certificate, EVP_sha256(), &digest, &length) == 1,
            ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1
        else { return nil }
        fingerprint = digest.prefix(Int(length)).map { Self.padded(Int($0), 2, radix: 16) }.joined(separator: ":")
        let date = [(Int(end.tm_year) + 1900, 4), (Int(end.tm_mon) + 1, 2), (Int(end.tm_mday), 2)]
        let time = [(Int(end.tm_hour), 2), (Int(end.tm_min), 2), (Int(end.tm_sec), 2)]
        expiry =
            date.map { Self.padded($0, $1) }.joined(separator: "-") + "T"
            + time.map { Self.padded($0, $1) }.joined(separator: ":") + "Z"
    }

    private static func padded(_ number: Int, _ width: Int, radix: Int = 10) -> String {
        let digits = String(number, radix: radix, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
