import COpenSSL

/// What a file of keys holds: public keys or certificates in PEM form (RFC 7468), or a JWK set (RFC 7517).
public enum KeyFile {
    // Our choice.
    /// Keys from one place.
    public static let keyLimit = 32

    public static func keys(in contents: [UInt8]) throws(KeyFault) -> [VerificationKey] {
        let first = contents.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        guard first == UInt8(ascii: "{") else { return try keys(pem: contents) }
        return try KeySet.keys(in: contents)
    }

    private static func keys(pem: [UInt8]) throws(KeyFault) -> [VerificationKey] {
        // What is wrong with one is thrown only when all were looked at: OpenSSL's loop has no room for it.
        var keys: [Result<VerificationKey, KeyFault>] = []
        try forEachBlock(in: pem) { name, der in
            guard keys.count <= keyLimit else { return }
            keys.append(key(name, der))
        }
        guard keys.count <= keyLimit else { throw .tooMany }
        guard !keys.isEmpty else { throw .missing }
        var result: [VerificationKey] = []
        for key in keys { result.append(try key.get()) }
        return result
    }

    private static func key(_ name: String, _ der: [UInt8]) -> Result<VerificationKey, KeyFault> {
        do throws(KeyFault) {
            switch name {
            case "PUBLIC KEY": return .success(try VerificationKey(der: der, keyID: nil))
            case "CERTIFICATE": return .success(try VerificationKey(der: publicKey(ofCertificate: der), keyID: nil))
            case _ where name.hasSuffix("PRIVATE KEY"): throw .isPrivate
            default: throw .unreadable
            }
        } catch {
            return .failure(error)
        }
    }

    private static func forEachBlock(in pem: [UInt8], _ body: (String, [UInt8]) -> Void) throws(KeyFault) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { throw .unreadable }
        defer { BIO_free(bio) }
        while true {
            var name: UnsafeMutablePointer<CChar>?
            var header: UnsafeMutablePointer<CChar>?
            var data: UnsafeMutablePointer<UInt8>?
            var count = 0
            guard PEM_read_bio(bio, &name, &header, &data, &count) == 1 else { break }
            defer {
                for pointer in [UnsafeMutableRawPointer(name), UnsafeMutableRawPointer(header)] {
                    CRYPTO_free(pointer, nil, 0)
                }
                // It may be a private key.
                CRYPTO_clear_free(data, count, nil, 0)
            }
            guard let name, let data else { throw .unreadable }
            body(String(cString: name), Array(UnsafeBufferPointer(start: data, count: count)))
        }
        let code = ERR_peek_last_error()
        guard torii_ERR_GET_LIB(code) == ERR_LIB_PEM, torii_ERR_GET_REASON(code) == PEM_R_NO_START_LINE else {
            throw .unreadable
        }
    }

    private static func publicKey(ofCertificate der: [UInt8]) throws(KeyFault) -> [UInt8] {
        let certificate = der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_X509(nil, &start, der.count)
        }
        guard let certificate else { throw .unreadable }
        defer { X509_free(certificate) }
        guard let key = X509_get0_pubkey(certificate) else { throw .unreadable }
        var encoded: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key, &encoded)
        guard count > 0, let encoded else { throw .unreadable }
        defer { CRYPTO_free(encoded, nil, 0) }
        return Array(UnsafeBufferPointer(start: encoded, count: Int(count)))
    }
}
