import COpenSSL

/// What all DTLS connections to one game server share: how its certificate is verified, the cipher suites, and the rules.
///
/// DTLS 1.2 and nothing else (RFC 6347): it is what game servers speak, and a client that also offered 1.3 might need
/// two datagrams for its ClientHello, which servers of mbedTLS do not put together.
///
/// Whether a certificate is of today, OpenSSL asks the operating system itself.
///
/// Left out: a certificate of the client's, which such servers do not ask for; revocation.
public final class ClientContext {
    let shared: SharedContext
    /// Whom the certificate must match where fingerprints decide.
    let fingerprints: [CertificateFingerprint]
    /// The name that is asked for (RFC 6066 §3); nil where the server is known by an address, which cannot be asked for.
    let hostName: String?

    // Our choice.
    /// A server of DTLS 1.2 may only show a key of a group that was offered: those of all usual certificates.
    private static let groups = "X25519:P-256:P-384:P-521"
    /// What OpenSSL calls 112 bits: no RSA key shorter than 2,048, no SHA-1.
    private static let securityLevel: Int32 = 2

    /// - Parameter serverName: the host name or IP address the server is known by.
    public init(_ verification: ServerVerification, serverName: String) throws(DTLSSetupError) {
        shared = try SharedContext(groups: Self.groups)
        let isAddress = Self.isAddress(serverName)
        hostName = isAddress ? nil : serverName
        fingerprints = if case .pin(let pin) = verification { [pin] } else { [] }
        let context = shared.pointer
        guard torii_SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 else {
            throw DTLSSetupError("allow DTLS 1.2 only")
        }
        SSL_CTX_set_security_level(context, Self.securityLevel)
        switch verification {
        case .none:
            SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        case .pin:
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
            shared.trustFingerprintsAlone()
        case .authority(let authorities):
            try trust(authorities)
        case .name(let authorities):
            try trust(authorities)
            try expect(serverName, isAddress: isAddress)
        }
    }

    private func trust(_ authorities: CertificateAuthorities) throws(DTLSSetupError) {
        let context = shared.pointer
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        try authorities.add(to: context)
        // Whoever names a certificate in between, or the server's own, trusts that one and not its maker.
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), torii_X509_V_FLAG_PARTIAL_CHAIN())
    }

    private func expect(_ name: String, isAddress: Bool) throws(DTLSSetupError) {
        let rules = SSL_CTX_get0_param(shared.pointer)
        X509_VERIFY_PARAM_set_hostflags(rules, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        let isSet =
            isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(rules, name) : X509_VERIFY_PARAM_set1_host(rules, name, name.utf8.count)
        guard isSet == 1 else { throw DTLSSetupError("expect a certificate for \(name)") }
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let address = a2i_IPADDRESS(name) else {
            ERR_clear_error()
            return false
        }
        ASN1_OCTET_STRING_free(address)
        return true
    }
}
