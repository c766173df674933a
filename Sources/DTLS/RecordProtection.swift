import COpenSSL
import Primitives

/// One direction's key at work: seals or opens the fragments of records in place.
///
/// The cipher runs in the mode that OpenSSL's own record layer puts it in: it takes the additional data of RFC 5246
/// §6.2.3.3 and sees to nonces and tags itself. A fragment whose tag is wrong leaves no plaintext behind.
///
/// OpenSSL's part of it takes 2 KB and more; `rest` gives that up until the next record.
struct RecordProtection: ~Copyable {
    let cipher: RecordCipher
    private let isSealing: Bool
    /// The key, and the fixed part of the nonces.
    private let secret: UnsafeMutableRawBufferPointer
    /// What the next record sealed must carry, where records carry a part of the nonce.
    private var explicitNonce: UInt64
    /// Nil while it rests.
    private var context: OpaquePointer?

    // Epoch and sequence number, type, version, length (RFC 5246 §6.2.3.3).
    private static let additionalDataLength = 13

    /// To open what a role seals; nil when OpenSSL cannot.
    init?(opening role: DTLSConnection.Role, _ keys: borrowing RecordKeys) {
        self.init(role, keys, isSealing: false, explicitNonce: 0)
    }

    /// To seal what a role seals; nil when OpenSSL cannot.
    ///
    /// - Parameter explicitNonce: the first record's, which no record before may have had; the next ones count on from it
    ///   (RFC 5288 §3 leaves it to the sender). ChaCha20-Poly1305 has none.
    init?(sealing role: DTLSConnection.Role, _ keys: borrowing RecordKeys, explicitNonce: UInt64) {
        self.init(role, keys, isSealing: true, explicitNonce: explicitNonce)
    }

    private init?(
        _ role: DTLSConnection.Role, _ keys: borrowing RecordKeys, isSealing: Bool, explicitNonce: UInt64
    ) {
        cipher = keys.cipher
        self.isSealing = isSealing
        self.explicitNonce = explicitNonce
        secret = .allocate(byteCount: cipher.keyLength + cipher.ivLength, alignment: 16)
        secret.copyMemory(from: keys.key(of: role))
        UnsafeMutableRawBufferPointer(rebasing: secret[cipher.keyLength...]).copyMemory(from: keys.iv(of: role))
        guard wake() else { return nil }
    }

    /// OpenSSL wipes its copy of the key.
    deinit {
        EVP_CIPHER_CTX_free(context)
        OPENSSL_cleanse(secret.baseAddress, secret.count)
        secret.deallocate()
    }

    /// Gives up what the next record can have again.
    mutating func rest() {
        EVP_CIPHER_CTX_free(context)
        context = nil
    }

    /// False when OpenSSL cannot.
    private mutating func wake() -> Bool {
        guard context == nil else { return true }
        var nonce = (UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &nonce) { nonce in
            defer { OPENSSL_cleanse(nonce.baseAddress, nonce.count) }
            nonce.copyMemory(from: UnsafeRawBufferPointer(rebasing: secret[cipher.keyLength...]))
            var length = cipher.ivLength
            if isSealing, cipher.explicitNonceLength > 0 {
                nonce.storeBytes(of: explicitNonce.bigEndian, toByteOffset: length, as: UInt64.self)
                length += cipher.explicitNonceLength
            }
            context = Self.makeContext(
                cipher, UnsafeRawBufferPointer(rebasing: secret[..<cipher.keyLength]),
                iv: UnsafeRawBufferPointer(rebasing: nonce[..<length]), isSealing: isSealing)
        }
        return context != nil
    }

    private static func makeContext(
        _ cipher: RecordCipher, _ key: UnsafeRawBufferPointer, iv: UnsafeRawBufferPointer, isSealing: Bool
    ) -> OpaquePointer? {
        guard let implementation = cipher.implementation, let context = EVP_CIPHER_CTX_new() else { return nil }
        let (keyBytes, ivBytes) = (key.bytePointer, iv.bytePointer)
        let isSet: Bool
        if cipher.explicitNonceLength > 0 {
            // A length of -1 means all of the IV, where to count on from; any other, the part in front of a random start.
            isSet =
                EVP_CipherInit_ex(context, implementation, nil, keyBytes, nil, isSealing ? 1 : 0) == 1
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_IV_FIXED, isSealing ? -1 : Int32(iv.count),
                    UnsafeMutableRawPointer(mutating: iv.baseAddress)) == 1
        } else {
            isSet = EVP_CipherInit_ex(context, implementation, nil, keyBytes, ivBytes, isSealing ? 1 : 0) == 1
        }
        guard isSet else {
            EVP_CIPHER_CTX_free(context)
            OpenSSLErrors.clear()
            return nil
        }
        return context
    }

    /// Opens a fragment in place; false, and nothing of it left, when it was not sealed by the peer.
    ///
    /// - Parameter fragment: explicit nonce, ciphertext and tag, not shorter than the cipher's `expansion`.
    mutating func open(_ fragment: UnsafeMutableRawBufferPointer, of header: RecordHeader) -> Bool {
        apply(to: fragment, header, length: fragment.count)
    }

    /// Seals a fragment in place. False when OpenSSL cannot; nothing of it may be sent then.
    ///
    /// - Parameter fragment: room for the explicit nonce, the plaintext, and room for the tag.
    mutating func seal(_ fragment: UnsafeMutableRawBufferPointer, of header: RecordHeader) -> Bool {
        guard apply(to: fragment, header, length: fragment.count - RecordCipher.tagLength) else { return false }
        guard cipher.explicitNonceLength > 0 else { return true }
        defer { explicitNonce &+= 1 }
        return UInt64(bigEndian: fragment.loadUnaligned(as: UInt64.self)) == explicitNonce
    }

    /// - Parameter length: of the additional data, from which the cipher takes off what it adds itself.
    private mutating func apply(to fragment: UnsafeMutableRawBufferPointer, _ header: RecordHeader, length: Int) -> Bool
    {
        guard wake() else { return false }
        let context = context
        var additionalData: (UInt64, UInt64) = (0, 0)
        let isDone = withUnsafeMutableBytes(of: &additionalData) { data in
            data.storeBytes(of: header.number.bigEndian, as: UInt64.self)
            data[8] = header.type
            data.storeBytes(of: header.version.bigEndian, toByteOffset: 9, as: UInt16.self)
            data.storeBytes(of: UInt16(truncatingIfNeeded: length).bigEndian, toByteOffset: 11, as: UInt16.self)
            let bytes = fragment.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var count: Int32 = 0
            return torii_EVP_CIPHER_CTX_set_tls_aad(context, data.baseAddress, Self.additionalDataLength) == 1
                && EVP_CipherUpdate(context, bytes, &count, bytes, Int32(fragment.count)) == 1
        }
        if !isDone { OpenSSLErrors.clear() }
        return isDone
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var bytePointer: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
