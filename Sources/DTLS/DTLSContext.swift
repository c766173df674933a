import COpenSSL

/// What all DTLS connections of one gateway share: the certificate, the cipher suites, and the rules.
///
/// Left out: cookies (RFC 6347 §4.2.1), because a STUN check has already shown that the peer receives at its address,
/// and a cookie costs a round trip; session tickets and resumption, which a page load never gets to use;
/// renegotiation; certificate chains.
public final class DTLSContext {
    let context: OpaquePointer
    public let certificate: Certificate
    /// Where every connection's records are opened into; they share it because they share a thread.
    let plaintext: UnsafeMutableRawBufferPointer

    /// The largest plaintext of one record that is read, in bytes. SCTP packets stay below 1,200 here and in browsers.
    static let plaintextCapacity = 16 * 1024

    // Our choice: AES-128-GCM first, because CPUs have instructions for it; offered first as client, preferred as
    // server. P-256 beside X25519 for peers that lack the latter.
    static let cipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    /// The same order for DTLS 1.3, whose suites are a list of their own.
    static let cipherSuites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    static let groups = "X25519:P-256"
    /// Bounds OpenSSL's write buffer: 15 KB less per connection than with the default of 16 KiB.
    static let maximumSendFragment = 1400

    public init(certificate: Certificate) throws(DTLSSetupError) {
        guard let context = SSL_CTX_new(DTLS_method()) else { throw DTLSSetupError("make a DTLS context") }
        self.context = context
        self.certificate = certificate
        plaintext = .allocate(byteCount: Self.plaintextCapacity, alignment: 16)
        SSL_CTX_set_options(
            context,
            torii_SSL_OP_NO_QUERY_MTU() | torii_SSL_OP_NO_TICKET() | torii_SSL_OP_NO_RENEGOTIATION()
                | torii_SSL_OP_CIPHER_SERVER_PREFERENCE() | torii_SSL_OP_NO_COMPRESSION())
        torii_SSL_CTX_set_session_cache_off(context)
        torii_SSL_CTX_set_max_send_fragment(context, Self.maximumSendFragment)
        // WebRTC forbids anything below 1.2 (RFC 8827 §6.5); the highest is whatever the linked OpenSSL has.
        guard torii_SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 else {
            throw DTLSSetupError("require DTLS 1.2")
        }
        // To DTLS 1.3 the option above only says what kind of tickets to send.
        guard SSL_CTX_set_num_tickets(context, 0) == 1 else { throw DTLSSetupError("do without session tickets") }
        guard SSL_CTX_set_cipher_list(context, Self.cipherSuites) == 1,
            SSL_CTX_set_ciphersuites(context, Self.cipherSuites13) == 1,
            torii_SSL_CTX_set1_groups_list(context, Self.groups) == 1
        else { throw DTLSSetupError("choose cipher suites") }
        guard SSL_CTX_use_certificate(context, certificate.certificate) == 1,
            SSL_CTX_use_PrivateKey(context, certificate.privateKey) == 1
        else { throw DTLSSetupError("use the certificate") }
        // Both sides show a certificate (RFC 8827 §6.5); whether it is the right one is for its fingerprint to say.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_cert_verify_callback(context, verifyFingerprint, nil)
    }

    deinit {
        SSL_CTX_free(context)
        plaintext.deallocate()
    }
}

/// Called by OpenSSL in place of chain verification: 1 when the leaf is what signaling promised.
private func verifyFingerprint(store: OpaquePointer?, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let store,
        let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let owner = SSL_get_ex_data(OpaquePointer(ssl), 0),
        let leaf = X509_STORE_CTX_get0_cert(store)
    else { return 0 }
    let connection = Unmanaged<DTLSConnection>.fromOpaque(owner).takeUnretainedValue()
    return connection.acceptsCertificate(leaf) ? 1 : 0
}
