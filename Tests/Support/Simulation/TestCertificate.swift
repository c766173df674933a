import COpenSSL
import DTLS
import Glibc

/// A certificate made for a test, with its key, as an authority or a server would have it. Once made it does not change.
public final class TestCertificate: @unchecked Sendable {
    public enum Key: Sendable {
        case p256, p384, rsa2048, rsa1024
    }

    public struct Failure: Error {}

    let certificate: OpaquePointer
    let key: OpaquePointer

    /// - Parameters:
    ///   - names: what `subjectAltName` says, like `DNS:game.example`.
    ///   - days: since when and until when it is valid, counted from now.
    ///   - issuer: nil for one signed by itself.
    public init(
        _ subject: String, names: [String] = [], days: ClosedRange<Int> = -1...30, isAuthority: Bool = false,
        key kind: Key = .p256, issuer: TestCertificate? = nil
    ) throws {
        guard let key = Self.makeKey(kind), let certificate = X509_new() else { throw Failure() }
        self.key = key
        self.certificate = certificate
        let day = 24 * 60 * 60
        var serial: UInt64 = 0
        guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, Int32($0.count)) }) == 1,
            X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), days.lowerBound * day) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), days.upperBound * day) != nil,
            X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", 0x1000, subject, -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, X509_get_subject_name(issuer?.certificate ?? certificate)) == 1,
            X509_set_pubkey(certificate, key) == 1
        else { throw Failure() }
        try add(NID_basic_constraints, isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE")
        if !names.isEmpty { try add(NID_subject_alt_name, names.joined(separator: ",")) }
        guard X509_sign(certificate, issuer?.key ?? key, EVP_sha256()) > 0 else { throw Failure() }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// As a file has it.
    public var pem: [UInt8] { Self.text { PEM_write_bio_X509($0, certificate) } }

    /// As a handshake has it.
    public var der: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(max(0, i2d_X509(certificate, nil))))
        bytes.withUnsafeMutableBufferPointer { bytes in
            var next = bytes.baseAddress
            _ = i2d_X509(certificate, &next)
        }
        return bytes
    }

    /// Its key, as a file has it.
    public var keyPEM: [UInt8] { Self.text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) } }

    public var authorities: CertificateAuthorities {
        guard let authorities = CertificateAuthorities(pem: pem) else { preconditionFailure("OpenSSL wrote no PEM.") }
        return authorities
    }

    public var fingerprint: CertificateFingerprint {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        X509_digest(certificate, EVP_sha256(), &bytes, &count)
        return CertificateFingerprint(algorithm: .sha256, bytes: bytes)
    }

    private func add(_ identifier: Int32, _ value: String) throws {
        guard let extended = X509V3_EXT_nconf_nid(nil, nil, identifier, value) else { throw Failure() }
        defer { X509_EXTENSION_free(extended) }
        guard X509_add_ext(certificate, extended, -1) == 1 else { throw Failure() }
    }

    private static func makeKey(_ kind: Key) -> OpaquePointer? {
        switch kind {
        case .p256: torii_EC_keygen("P-256")
        case .p384: torii_EC_keygen("P-384")
        case .rsa2048: torii_RSA_keygen(2048)
        case .rsa1024: torii_RSA_keygen(1024)
        }
    }

    private static func text(_ write: (OpaquePointer?) -> Int32) -> [UInt8] {
        let bio = BIO_new(BIO_s_mem())
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }
}
