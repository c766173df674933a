import COpenSSL

/// The key of somebody who makes tokens, whose forms and words are all up to the test.
public final class SigningKey {
    public enum Kind: Sendable {
        case secret([UInt8])
        case rsa(bits: UInt32)
        /// Such as `P-256`.
        case curve(String)
        case ed25519
    }

    public let kind: Kind
    /// Nil for a secret.
    private let key: OpaquePointer?

    public init(_ kind: Kind) {
        self.kind = kind
        key =
            switch kind {
            case .secret: nil
            case .rsa(let bits): torii_RSA_keygen(bits)
            case .curve(let name): torii_EC_keygen(name)
            case .ed25519: Self.ed25519()
            }
    }

    deinit { EVP_PKEY_free(key) }

    /// The `alg` of its tokens.
    public var algorithm: String {
        switch kind {
        case .secret: "HS256"
        case .rsa: "RS256"
        case .curve: "ES256"
        case .ed25519: "EdDSA"
        }
    }

    /// A token with this header, or one that has the algorithm and no more.
    public func token(_ claims: String, header: String? = nil) -> String {
        let header = header ?? #"{"alg":"\#(algorithm)"}"#
        let signed = "\(Self.base64URL(Array(header.utf8))).\(Self.base64URL(Array(claims.utf8)))"
        return "\(signed).\(Self.base64URL(signature(of: Array(signed.utf8))))"
    }

    public func signature(of message: [UInt8]) -> [UInt8] {
        if case .secret(let secret) = kind {
            var digest = [UInt8](repeating: 0, count: 32)
            HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &digest, nil)
            return digest
        }
        guard let context = EVP_MD_CTX_new() else { return [] }
        defer { EVP_MD_CTX_free(context) }
        var digest: OpaquePointer? = EVP_sha256()
        if case .ed25519 = kind { digest = nil }
        EVP_DigestSignInit(context, nil, digest, nil, key)
        var count = 1024
        var signature = [UInt8](repeating: 0, count: count)
        EVP_DigestSign(context, &signature, &count, message, message.count)
        signature = Array(signature.prefix(count))
        if case .curve = kind { return Self.plain(signature) }
        return signature
    }

    /// The public key in PEM form.
    public var pem: String { Self.pem("PUBLIC KEY", encoded { i2d_PUBKEY(key, $0) }) }

    public var privatePEM: String { Self.pem("PRIVATE KEY", encoded { i2d_PrivateKey(key, $0) }) }

    /// The public key as a JWK.
    ///
    /// - Parameter members: more of them, each with its comma after it.
    public func jwk(_ members: String = "") -> String {
        let der = encoded { i2d_PUBKEY(key, $0) }
        switch kind {
        case .secret(let secret): return #"{\#(members)"kty":"oct","k":"\#(Self.base64URL(secret))"}"#
        case .rsa: return #"{\#(members)"kty":"RSA","n":"\#(number("n"))","e":"\#(number("e"))"}"#
        case .ed25519:
            return #"{\#(members)"kty":"OKP","crv":"Ed25519","x":"\#(Self.base64URL(Array(der.suffix(32))))"}"#
        case .curve(let name):
            let (x, y) = (Self.base64URL(Array(der.suffix(64).prefix(32))), Self.base64URL(Array(der.suffix(32))))
            return #"{\#(members)"kty":"EC","crv":"\#(name)","x":"\#(x)","y":"\#(y)"}"#
        }
    }

    public static func base64URL(_ bytes: [UInt8]) -> String {
        base64(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    // MARK: - Inside

    private static func ed25519() -> OpaquePointer? {
        var seed = [UInt8](repeating: 0, count: 32)
        RAND_bytes(&seed, 32)
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    }

    private func encoded(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32) -> [UInt8] {
        guard key != nil else { return [] }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = encode(&bytes)
        defer { CRYPTO_free(bytes, nil, 0) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    private func number(_ name: String) -> String {
        var number: OpaquePointer?
        EVP_PKEY_get_bn_param(key, name, &number)
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return Self.base64URL(bytes)
    }

    /// An ECDSA signature of P-256 as RFC 7518 §3.4 has it.
    private static func plain(_ der: [UInt8]) -> [UInt8] {
        let signature = der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_ECDSA_SIG(nil, &start, der.count)
        }
        defer { ECDSA_SIG_free(signature) }
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.withUnsafeMutableBufferPointer { room in
            _ = BN_bn2binpad(ECDSA_SIG_get0_r(signature), room.baseAddress, 32)
            _ = BN_bn2binpad(ECDSA_SIG_get0_s(signature), room.baseAddress.map { $0 + 32 }, 32)
        }
        return bytes
    }

    private static func pem(_ name: String, _ der: [UInt8]) -> String {
        var lines = ["-----BEGIN \(name)-----"]
        var rest = base64(der)[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END \(name)-----", ""]).joined(separator: "\n")
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
