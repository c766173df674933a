import COpenSSL

/// What all DTLS connections to browsers share: the certificate, the cipher suites, and the rules.
///
/// Left out: cookies (RFC 6347 §4.2.1), because a STUN check has already shown that the peer receives at its address,
/// and a cookie costs a round trip; certificate chains.
public final class DTLSContext {
    let shared: SharedContext
    public let certificate: Certificate

    var context: OpaquePointer { shared.pointer }

    // Our choice: P-256 beside X25519 for peers that lack the latter.
    private static let groups = "X25519:P-256"
    /// DTLS 1.3's suites are a list of their own, in the same order.
    private static let cipherSuites13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    /// The most bytes of one record. Bounds OpenSSL's write buffer: 15 KB less per handshake than with the default of 16 KiB.
    static let maximumSendFragment = 1400

    public init(certificate: Certificate) throws(DTLSSetupError) {
        // WebRTC forbids anything below 1.2 (RFC 8827 §6.5); the highest is whatever the linked OpenSSL has.
        shared = try SharedContext(library: HandshakeLibrary.shared, groups: Self.groups)
        self.certificate = certificate
        torii_SSL_CTX_set_max_send_fragment(context, Self.maximumSendFragment)
        // To DTLS 1.3 the option that forbids tickets only says what kind of them to send.
        guard SSL_CTX_set_num_tickets(context, 0) == 1 else { throw DTLSSetupError("do without session tickets") }
        guard SSL_CTX_set_ciphersuites(context, Self.cipherSuites13) == 1 else {
            throw DTLSSetupError("choose cipher suites")
        }
        guard SSL_CTX_use_certificate(context, certificate.certificate) == 1,
            SSL_CTX_use_PrivateKey(context, certificate.privateKey) == 1
        else { throw DTLSSetupError("use the certificate") }
        // Both sides show a certificate (RFC 8827 §6.5); whether it is the right one is for its fingerprint to say.
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        shared.trustFingerprintsAlone()
    }

    /// Has handshakes offer `use_srtp` (RFC 5764 §4.1.1), as all browsers' do, for who plays one: some gateways refuse a
    /// browser that does not. A gateway's own context never does, having no media.
    package func offerSRTP() throws(DTLSSetupError) {
        guard SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AES128_CM_SHA1_80") == 0 else {
            throw DTLSSetupError("offer SRTP")
        }
    }
}
