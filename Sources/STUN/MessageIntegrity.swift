import COpenSSL

/// MESSAGE-INTEGRITY: an HMAC-SHA1 of the message before it, as though it ended with this attribute
/// (RFC 8489 §14.5).
enum MessageIntegrity {
    // From RFC 8489 §14.5
    static let valueLength = 20
    /// Type, length and value.
    static let attributeLength = 4 + valueLength

    /// Writes the HMAC of `message`, whose length field must already count this attribute, to `output`, which must
    /// have room for 20 bytes. False when OpenSSL has no SHA-1 to offer.
    static func compute(
        _ message: UnsafeRawBufferPointer, key: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let prepared, let context = EVP_MAC_CTX_dup(prepared) else { return false }
        defer { EVP_MAC_CTX_free(context) }
        let output = output.assumingMemoryBound(to: UInt8.self)
        var length = 0
        return EVP_MAC_init(context, key, key.count, nil) == 1
            && EVP_MAC_update(
                context, message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count) == 1
            && EVP_MAC_final(context, output.baseAddress, &length, output.count) == 1 && length == valueLength
    }

    /// HMAC-SHA1 ready for a key. OpenSSL looks for the two algorithms by their names, which takes longer than the HMAC
    /// of a check. Once made it is only copied, by any thread.
    private nonisolated(unsafe) static let prepared = prepare()

    private static func prepare() -> OpaquePointer? {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else { return nil }
        // The context keeps it.
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { return nil }
        var digest = Array("SHA1".utf8CString)
        let isReady = digest.withUnsafeMutableBufferPointer { digest in
            let parameters = [
                OSSL_PARAM_construct_utf8_string("digest", digest.baseAddress, 0), OSSL_PARAM_construct_end(),
            ]
            // OpenSSL 3.0 copies none that never had a key.
            return EVP_MAC_init(context, [0], 1, parameters) == 1
        }
        guard isReady else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }

    /// Whether the attribute whose header is at `offset` of `message` was made with `key`.
    static func verify(_ message: UnsafeRawBufferPointer, attributeAt offset: Int, key: [UInt8]) -> Bool {
        guard !key.isEmpty else { return false }
        // The header's length field must count up to this attribute and no further, so the HMAC runs over a copy.
        return withUnsafeTemporaryAllocation(byteCount: offset + valueLength, alignment: 8) { scratch in
            let covered = UnsafeMutableRawBufferPointer(rebasing: scratch[..<offset])
            let expected = UnsafeMutableRawBufferPointer(rebasing: scratch[offset...])
            covered.copyMemory(from: UnsafeRawBufferPointer(rebasing: message[..<offset]))
            let length = UInt16(truncatingIfNeeded: offset - STUNMessage.headerLength + attributeLength)
            covered.storeBytes(of: length.bigEndian, toByteOffset: 2, as: UInt16.self)
            guard compute(UnsafeRawBufferPointer(covered), key: key, into: expected) else { return false }
            let received = UnsafeRawBufferPointer(rebasing: message[(offset + 4)..<(offset + attributeLength)])
            // In constant time: how much of a guess was right must not show.
            return CRYPTO_memcmp(expected.baseAddress, received.baseAddress, valueLength) == 0
        }
    }
}
