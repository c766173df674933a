import COpenSSL

/// The key block of a connection (RFC 5246 §6.3): the keys and the nonces' fixed parts for both directions, wiped when it goes.
struct RecordKeys: ~Copyable {
    let cipher: RecordCipher
    private let block: UnsafeMutableRawBufferPointer

    // From RFC 5246 §6.3 and §8.1.
    private static let label = Array("key expansion".utf8)
    private static let randomLength = 32
    private static let masterSecretLength = 48

    /// Derives the block; nil when OpenSSL cannot.
    init?(
        _ cipher: RecordCipher, digest: OpaquePointer, masterSecret: UnsafeMutableRawBufferPointer,
        clientRandom: [UInt8], serverRandom: [UInt8]
    ) {
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * (cipher.keyLength + cipher.ivLength), alignment: 16)
        guard Self.fill(block, with: digest, secret: masterSecret, seed: Self.label + serverRandom + clientRandom)
        else {
            block.deallocate()
            return nil
        }
        self.cipher = cipher
        self.block = block
    }

    /// The keys that a connection's handshake agreed on. Nil where the connection is no full handshake of DTLS 1.2 with a
    /// cipher suite that this record layer has.
    init?(of ssl: OpaquePointer) {
        guard SSL_version(ssl) == DTLS1_2_VERSION, SSL_session_reused(ssl) == 0,
            let session = SSL_get_session(ssl), let suite = SSL_get_current_cipher(ssl),
            let cipher = RecordCipher(suite), let digest = SSL_CIPHER_get_handshake_digest(suite),
            // RFC 6066 §4: a peer that asked for shorter records is left to OpenSSL.
            SSL_SESSION_get_max_fragment_length(session) == 0
        else { return nil }
        var client = [UInt8](repeating: 0, count: Self.randomLength)
        var server = client
        guard SSL_get_client_random(ssl, &client, client.count) == client.count,
            SSL_get_server_random(ssl, &server, server.count) == server.count
        else { return nil }
        let secret = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.masterSecretLength, alignment: 1)
        defer {
            OPENSSL_cleanse(secret.baseAddress, secret.count)
            secret.deallocate()
        }
        guard SSL_SESSION_get_master_key(session, secret.baseAddress, secret.count) == secret.count else { return nil }
        self.init(cipher, digest: digest, masterSecret: secret, clientRandom: client, serverRandom: server)
    }

    deinit {
        OPENSSL_cleanse(block.baseAddress, block.count)
        block.deallocate()
    }

    /// The key that this role seals with.
    func key(of role: DTLSConnection.Role) -> UnsafeRawBufferPointer {
        part(at: role == .client ? 0 : cipher.keyLength, count: cipher.keyLength)
    }

    /// The fixed part of the nonces of what this role seals.
    func iv(of role: DTLSConnection.Role) -> UnsafeRawBufferPointer {
        part(at: 2 * cipher.keyLength + (role == .client ? 0 : cipher.ivLength), count: cipher.ivLength)
    }

    private func part(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: block[offset..<offset + count])
    }

    /// TLS 1.2's pseudorandom function (RFC 5246 §5), the label being part of the seed.
    private static func fill(
        _ block: UnsafeMutableRawBufferPointer, with digest: OpaquePointer, secret: UnsafeMutableRawBufferPointer,
        seed: [UInt8]
    ) -> Bool {
        guard let function, let context = EVP_KDF_CTX_new(function) else { return false }
        defer { EVP_KDF_CTX_free(context) }
        var seed = seed
        let isDerived = seed.withUnsafeMutableBytes { seed in
            torii_EVP_KDF_derive_tls1_prf(
                context, EVP_MD_get0_name(digest), secret.baseAddress, secret.count, seed.baseAddress, seed.count,
                block.baseAddress?.assumingMemoryBound(to: UInt8.self), block.count)
        }
        return isDerived == 1
    }

    private nonisolated(unsafe) static let function = EVP_KDF_fetch(nil, "TLS1-PRF", nil)
}
