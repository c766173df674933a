import COpenSSL

/// A hash that names a certificate in `a=fingerprint` (RFC 8122 §5).
///
/// Left out: md5, md2 and sha-1, which RFC 8122 forbids or which no longer say anything, and sha-224.
public enum HashAlgorithm: String, CaseIterable, Sendable {
    case sha256 = "sha-256"
    case sha384 = "sha-384"
    case sha512 = "sha-512"

    var digest: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}

/// The hash of a certificate in DER form.
public struct CertificateFingerprint: Hashable, Sendable {
    public let algorithm: HashAlgorithm
    public let bytes: [UInt8]

    public init(algorithm: HashAlgorithm, bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }

    init?(of certificate: OpaquePointer, algorithm: HashAlgorithm) {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, algorithm.digest, &bytes, &count) == 1 else { return nil }
        self.init(algorithm: algorithm, bytes: Array(bytes.prefix(Int(count))))
    }
}
