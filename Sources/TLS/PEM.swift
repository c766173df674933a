import COpenSSL

/// Certificates and keys in PEM form (RFC 7468).
enum PEM {
    /// All certificates, each with a reference that is the caller's; nil when one cannot be read or there is none.
    static func certificates(in pem: [UInt8]) -> [OpaquePointer]? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bio) }
        var certificates: [OpaquePointer] = []
        while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) { certificates.append(certificate) }
        let code = ERR_peek_last_error()
        let isAtEnd = torii_ERR_GET_LIB(code) == ERR_LIB_PEM && torii_ERR_GET_REASON(code) == PEM_R_NO_START_LINE
        guard isAtEnd, !certificates.isEmpty else {
            certificates.forEach { X509_free($0) }
            return nil
        }
        return certificates
    }

    /// The first private key, with a reference that is the caller's; nil when there is none, or a password is needed.
    static func privateKey(in pem: [UInt8]) -> OpaquePointer? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(bio) }
        // Without this, OpenSSL would ask at the terminal.
        return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil)
    }
}
