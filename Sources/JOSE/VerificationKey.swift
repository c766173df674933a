import COpenSSL

/// A key that tokens' signatures are verified with. Its type says with which algorithm, and a token has no say in that
/// (RFC 8725 §3.1).
public struct VerificationKey: Equatable, Sendable, CustomStringConvertible {
    private enum Material: Equatable {
        case secret([UInt8])
        /// As SubjectPublicKeyInfo.
        case publicKey([UInt8])
    }

    public let algorithm: SigningAlgorithm
    /// What a token's `kid` calls it; nil where it has no name.
    public let keyID: String?
    private let material: Material

    // From the specifications.
    /// RFC 7518 §3.2: bytes of a secret, as many as the hash has.
    public static let shortestSecret = 32
    /// RFC 7518 §3.3: bits of an RSA key.
    static let shortestRSA: Int32 = 2048
    // Our choice: what is longer takes a noticeable time.
    static let longestRSA: Int32 = 8192

    /// For HS256; nil for a secret shorter than `shortestSecret` bytes.
    public init?(secret: [UInt8], keyID: String? = nil) {
        guard secret.count >= Self.shortestSecret else { return nil }
        material = .secret(secret)
        algorithm = .hs256
        self.keyID = keyID
    }

    /// A public key as SubjectPublicKeyInfo.
    init(der: [UInt8], keyID: String?) throws(KeyFault) {
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let key = Self.decoded(der) else { throw .unreadable }
        defer { EVP_PKEY_free(key) }
        algorithm = try Self.algorithm(of: key)
        material = .publicKey(der)
        self.keyID = keyID
    }

    /// Whether its material is a secret, which signs as well.
    public var isSecret: Bool {
        if case .secret = material { true } else { false }
    }

    /// Says nothing of what it is made of, so that no secret gets into a log.
    public var description: String { "key for \(algorithm.rawValue)" }

    private static func decoded(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_PUBKEY(nil, &start, der.count)
        }
    }

    private static func algorithm(of key: OpaquePointer) throws(KeyFault) -> SigningAlgorithm {
        if EVP_PKEY_is_a(key, "ED25519") == 1 { return .edDSA }
        if EVP_PKEY_is_a(key, "EC") == 1 {
            var name = [CChar](repeating: 0, count: 32)
            guard EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1,
                // The name of secp256r1 in X9.62, and so in OpenSSL.
                String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) == "prime256v1"
            else { throw .unusable("an elliptic curve other than P-256") }
            return .es256
        }
        guard EVP_PKEY_is_a(key, "RSA") == 1 else { throw .unusable("of a kind that no algorithm taken here uses") }
        let bits = EVP_PKEY_get_bits(key)
        guard (shortestRSA...longestRSA).contains(bits) else {
            throw .unusable("RSA of \(bits) bits; it must have \(shortestRSA) to \(longestRSA)")
        }
        return .rs256
    }

    // MARK: - Verifying

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch material {
        case .secret(let secret): Self.isMAC(signature, of: message, secret)
        case .publicKey(let der): isSignature(signature, of: message, der)
        }
    }

    private static func isMAC(_ signature: [UInt8], of message: [UInt8], _ secret: [UInt8]) -> Bool {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard
            HMAC(EVP_sha256(), secret, Int32(clamping: secret.count), message, message.count, &digest, &length) != nil,
            signature.count == Int(length)
        else { return false }
        // In a time that tells nothing of where they differ.
        return CRYPTO_memcmp(signature, digest, Int(length)) == 0
    }

    private func isSignature(_ signature: [UInt8], of message: [UInt8], _ der: [UInt8]) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        var signature = signature
        if algorithm == .es256 {
            // RFC 7518 §3.4: two numbers of 32 bytes, and nothing else; OpenSSL wants them as ASN.1.
            guard signature.count == 64 else { return false }
            signature = DER.sequence(DER.integer(signature[..<32]), DER.integer(signature[32...]))
        }
        guard let key = Self.decoded(der) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        // Ed25519 hashes by itself (RFC 8032 §5.1).
        let digest = algorithm == .edDSA ? nil : EVP_sha256()
        guard EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// Why something is no key.
public enum KeyFault: Error, Equatable, Sendable {
    case unreadable
    /// There is none in the file.
    case missing
    /// It is the private one, which the gateway has no use for.
    case isPrivate
    /// It is a key, but none for these algorithms: what it is instead.
    case unusable(String)
    case tooMany
}
