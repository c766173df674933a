import COpenSSL

/// An AEAD as DTLS 1.2's cipher suites use it (RFC 5288, RFC 7905).
enum RecordCipher: CaseIterable {
    case aes128GCM
    case aes256GCM
    case chaCha20Poly1305

    // From RFC 5288 §3 and RFC 7905 §2.
    static let tagLength = 16

    /// Nil for a cipher suite that protects records with something else.
    init?(_ suite: OpaquePointer) {
        switch SSL_CIPHER_get_cipher_nid(suite) {
        case NID_aes_128_gcm: self = .aes128GCM
        case NID_aes_256_gcm: self = .aes256GCM
        case NID_chacha20_poly1305: self = .chaCha20Poly1305
        default: return nil
        }
    }

    var keyLength: Int {
        switch self {
        case .aes128GCM: 16
        case .aes256GCM, .chaCha20Poly1305: 32
        }
    }

    /// The part of the nonce that comes from the key block.
    var ivLength: Int {
        switch self {
        case .aes128GCM, .aes256GCM: 4
        case .chaCha20Poly1305: 12
        }
    }

    /// The part of the nonce that each record carries. ChaCha20-Poly1305's is the record's number instead.
    var explicitNonceLength: Int {
        switch self {
        case .aes128GCM, .aes256GCM: 8
        case .chaCha20Poly1305: 0
        }
    }

    /// What it adds to a plaintext.
    var expansion: Int { explicitNonceLength + Self.tagLength }

    /// Asked of OpenSSL once, which looks long.
    var implementation: OpaquePointer? {
        switch self {
        case .aes128GCM: Self.implementations.0
        case .aes256GCM: Self.implementations.1
        case .chaCha20Poly1305: Self.implementations.2
        }
    }

    private nonisolated(unsafe) static let implementations = (
        EVP_CIPHER_fetch(nil, "AES-128-GCM", nil), EVP_CIPHER_fetch(nil, "AES-256-GCM", nil),
        EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil)
    )
}
