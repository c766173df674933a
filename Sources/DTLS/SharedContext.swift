import COpenSSL

/// What all connections of one kind share: OpenSSL's context with the cipher suites and rules that hold on either side,
/// and the buffers that records are opened into and sealed in.
///
/// Left out: session tickets and resumption, which no player gets to use; renegotiation; compression.
final class SharedContext {
    let pointer: OpaquePointer
    /// Where every connection's records are opened into; they share it because they share a thread.
    let plaintext: UnsafeMutableRawBufferPointer
    /// Where their records are sealed.
    let sealed: UnsafeMutableRawBufferPointer

    /// The largest plaintext of one record, in bytes (RFC 6347 §4.1).
    static let plaintextCapacity = 16 * 1024

    // Our choice: AES-128-GCM first, because CPUs have instructions for it; offered first as client, preferred as
    // server.
    private static let cipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

    /// - Parameters:
    ///   - library: what OpenSSL takes its algorithms from; nil is all that it has.
    ///   - groups: for the key exchange, and with DTLS 1.2 for the keys of certificates.
    init(library: OpaquePointer? = nil, groups: String) throws(DTLSSetupError) {
        guard let pointer = SSL_CTX_new_ex(library, nil, DTLS_method()) else {
            throw DTLSSetupError("make a DTLS context")
        }
        self.pointer = pointer
        plaintext = .allocate(byteCount: max(Self.plaintextCapacity, RecordLayer.longestFragment), alignment: 16)
        sealed = .allocate(byteCount: RecordLayer.longestRecord, alignment: 16)
        SSL_CTX_set_options(
            pointer,
            torii_SSL_OP_NO_QUERY_MTU() | torii_SSL_OP_NO_TICKET() | torii_SSL_OP_NO_RENEGOTIATION()
                | torii_SSL_OP_CIPHER_SERVER_PREFERENCE() | torii_SSL_OP_NO_COMPRESSION())
        torii_SSL_CTX_set_session_cache_off(pointer)
        guard torii_SSL_CTX_set_min_proto_version(pointer, DTLS1_2_VERSION) == 1 else {
            throw DTLSSetupError("require DTLS 1.2")
        }
        guard SSL_CTX_set_cipher_list(pointer, Self.cipherSuites) == 1,
            torii_SSL_CTX_set1_groups_list(pointer, groups) == 1
        else { throw DTLSSetupError("choose cipher suites") }
    }

    deinit {
        SSL_CTX_free(pointer)
        plaintext.deallocate()
        sealed.deallocate()
    }

    /// The peer's certificate counts when it is one of the connection's fingerprints, and for no other reason.
    func trustFingerprintsAlone() {
        SSL_CTX_set_cert_verify_callback(pointer, verifyFingerprint, nil)
    }
}

/// Called by OpenSSL in place of chain verification: 1 when the leaf is what was promised.
private func verifyFingerprint(store: OpaquePointer?, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let store,
        let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let owner = SSL_get_ex_data(OpaquePointer(ssl), 0),
        let leaf = X509_STORE_CTX_get0_cert(store)
    else { return 0 }
    let connection = Unmanaged<DTLSConnection>.fromOpaque(owner).takeUnretainedValue()
    return connection.acceptsCertificate(leaf) ? 1 : 0
}
