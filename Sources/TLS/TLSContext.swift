import COpenSSL

/// What the connections of one side have in common: certificates, and which versions are spoken.
///
/// Left out: TLS 1.0 and 1.1 (RFC 8996), renegotiation, compression, client certificates, and ALPN, because nothing but
/// HTTP/1.1 is spoken.
public final class TLSContext: @unchecked Sendable {
    // OpenSSL counts references to a context, and nobody changes it once it is made, so threads may share it.
    let context: OpaquePointer
    let isServer: Bool
    /// A server's own; nil for a client.
    public private(set) var certificate: ServedCertificate?

    private init(isServer: Bool) throws(TLSSetupError) {
        guard let context = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw TLSSetupError(description: "OpenSSL made no context: \(OpenSSLErrors.takeLast())")
        }
        self.context = context
        self.isServer = isServer
        _ = torii_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
        SSL_CTX_set_options(context, torii_SSL_OP_NO_RENEGOTIATION() | torii_SSL_OP_NO_COMPRESSION())
        // A connection that waits keeps no buffers of 34 KiB.
        _ = torii_SSL_CTX_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
    }

    deinit { SSL_CTX_free(context) }

    /// A server's.
    ///
    /// - Parameters:
    ///   - certificates: in PEM form, its own first and then those up to an authority.
    ///   - key: its private key in PEM form, without a password.
    public static func server(certificates: [UInt8], key: [UInt8]) throws(TLSSetupError) -> TLSContext {
        let made = try TLSContext(isServer: true)
        guard let chain = PEM.certificates(in: certificates) else {
            throw TLSSetupError(description: "holds no certificate in PEM form, or a broken one")
        }
        defer { chain.forEach { X509_free($0) } }
        guard let privateKey = PEM.privateKey(in: key) else {
            throw TLSSetupError(description: "has a key that is none in PEM form, or is encrypted")
        }
        defer { EVP_PKEY_free(privateKey) }
        ERR_clear_error()
        guard SSL_CTX_use_certificate(made.context, chain[0]) == 1 else {
            throw TLSSetupError(description: "cannot be used: \(OpenSSLErrors.takeLast())")
        }
        for certificate in chain.dropFirst() {
            guard torii_SSL_CTX_add1_chain_cert(made.context, certificate) == 1 else {
                throw TLSSetupError(description: "cannot be used: \(OpenSSLErrors.takeLast())")
            }
        }
        guard SSL_CTX_use_PrivateKey(made.context, privateKey) == 1, SSL_CTX_check_private_key(made.context) == 1 else {
            _ = OpenSSLErrors.takeLast()
            throw TLSSetupError(description: "is not for the key: they do not belong together")
        }
        made.certificate = ServedCertificate(chain[0])
        return made
    }

    /// A client's that verifies nothing, for asking a server on the same host how it is.
    public static func unverifiedClient() throws(TLSSetupError) -> TLSContext {
        try TLSContext(isServer: false)
    }

    /// A client's, which verifies the server's certificate and name.
    ///
    /// - Parameter authorities: in PEM form, where a chain may end; nil for those that the system trusts.
    public static func client(authorities: [UInt8]?) throws(TLSSetupError) -> TLSContext {
        let made = try TLSContext(isServer: false)
        SSL_CTX_set_verify(made.context, SSL_VERIFY_PEER, nil)
        guard let authorities else {
            guard SSL_CTX_set_default_verify_paths(made.context) == 1 else {
                throw TLSSetupError(description: "OpenSSL knows no authorities: \(OpenSSLErrors.takeLast())")
            }
            return made
        }
        guard let trusted = PEM.certificates(in: authorities) else {
            throw TLSSetupError(description: "holds no certificate in PEM form, or a broken one")
        }
        defer { trusted.forEach { X509_free($0) } }
        let store = SSL_CTX_get_cert_store(made.context)
        for certificate in trusted {
            guard X509_STORE_add_cert(store, certificate) == 1 else {
                throw TLSSetupError(description: "cannot be used: \(OpenSSLErrors.takeLast())")
            }
        }
        // Any of them may be where a chain ends, not only an authority's own.
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(made.context), torii_X509_V_FLAG_PARTIAL_CHAIN())
        return made
    }
}
