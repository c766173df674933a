import COpenSSL

/// Certificates that are trusted, as a file in PEM form holds them (RFC 7468 §5).
///
/// Any of them is where a chain may end, be it an authority's own, one in between, or the server's itself.
public struct CertificateAuthorities: Equatable, Sendable {
    private let pem: [UInt8]
    /// How many there are; at least one.
    public let count: Int

    /// Nil when the bytes hold no certificate, or one that cannot be read.
    public init?(pem: [UInt8]) {
        var count = 0
        guard Self.forEachCertificate(in: pem, { _ in count += 1 }), count > 0 else { return nil }
        self.pem = pem
        self.count = count
    }

    /// Makes a context trust them.
    func add(to context: OpaquePointer) throws(DTLSSetupError) {
        let store = SSL_CTX_get_cert_store(context)
        var isTaken = true
        let isRead = Self.forEachCertificate(in: pem) { isTaken = X509_STORE_add_cert(store, $0) == 1 && isTaken }
        guard isRead, isTaken else { throw DTLSSetupError("take the certificate authorities") }
    }

    /// False when one cannot be read; what is no certificate is passed over.
    private static func forEachCertificate(in pem: [UInt8], _ body: (OpaquePointer) -> Void) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return pem.withUnsafeBytes { bytes in
            guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return false }
            defer { BIO_free(bio) }
            while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) {
                body(certificate)
                X509_free(certificate)
            }
            let code = ERR_peek_last_error()
            return torii_ERR_GET_LIB(code) == ERR_LIB_PEM && torii_ERR_GET_REASON(code) == PEM_R_NO_START_LINE
        }
    }
}
