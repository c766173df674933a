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
        var length = UInt32(0)
        let written = HMAC(
            EVP_sha1(), key, Int32(clamping: key.count),
            message.assumingMemoryBound(to: UInt8.self).baseAddress, message.count,
            output.assumingMemoryBound(to: UInt8.self).baseAddress, &length)
        return written != nil && length == UInt32(valueLength)
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
