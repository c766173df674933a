import COpenSSL

/// A self-signed certificate with its private key, made anew every few days.
///
/// WebRTC trusts the fingerprint that signaling carried, not a name or an issuer (RFC 8827 §6.5), so nothing in the
/// certificate but its key has a meaning. The private key never leaves this object.
public final class Certificate {
    let certificate: OpaquePointer
    let privateKey: OpaquePointer
    /// The SHA-256 fingerprint, for `a=fingerprint`.
    public let fingerprint: CertificateFingerprint

    // Our choice: several times as long as new sessions get it.
    public static let lifetimeInDays = 30

    /// Makes a P-256 key and a certificate valid from a day ago (a browser's clock may be behind) for `days` days.
    public init(days: Int = lifetimeInDays) throws(DTLSSetupError) {
        guard let key = torii_EC_P256_keygen(HandshakeLibrary.shared) else { throw DTLSSetupError("make a P-256 key") }
        guard let certificate = X509_new_ex(HandshakeLibrary.shared, nil) else {
            EVP_PKEY_free(key)
            throw DTLSSetupError("make a certificate")
        }
        guard Self.fill(certificate, key: key, days: days),
            let fingerprint = CertificateFingerprint(of: certificate, algorithm: .sha256)
        else {
            X509_free(certificate)
            EVP_PKEY_free(key)
            throw DTLSSetupError("sign a certificate")
        }
        self.certificate = certificate
        self.privateKey = key
        self.fingerprint = fingerprint
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(privateKey)
    }

    private static func fill(_ certificate: OpaquePointer, key: OpaquePointer, days: Int) -> Bool {
        var serial: UInt64 = 0
        let day = 24 * 60 * 60
        guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, Int32($0.count)) }) == 1,
            X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), days * day) != nil,
            let name = X509_get_subject_name(certificate),
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "torii", -1, -1, 0) == 1,
            X509_set_issuer_name(certificate, name) == 1,
            X509_set_pubkey(certificate, key) == 1
        else { return false }
        return X509_sign(certificate, key, EVP_sha256()) > 0
    }

    /// MBSTRING_UTF8 of openssl/asn1.h, which is an expression Swift does not import.
    private static let MBSTRING_UTF8: Int32 = 0x1000
}
