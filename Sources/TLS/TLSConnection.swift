// TLS (RFC 8446, RFC 5246) by OpenSSL, over bytes in memory: no socket, no clock of its own.

import COpenSSL

/// One TLS connection as a machine: feed it what the network brings, read what it holds, send what it wants sent.
///
/// It is of one thread at a time.
public final class TLSConnection {
    private let ssl: OpaquePointer
    /// What has come and what is to go, in records; `ssl` owns them.
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// Keeps what `ssl` was made from.
    private let context: TLSContext

    public private(set) var isEstablished = false

    public enum Reading: Equatable {
        case bytes([UInt8])
        /// Nothing more until something arrives.
        case nothing
        /// The other side sends no more (close_notify).
        case end
    }

    // Our choice.
    /// Bytes that are read at once: a record's worth.
    private static let pieceLength = 16_384

    public static func server(_ context: TLSContext) throws(TLSSetupError) -> TLSConnection {
        precondition(context.isServer, "A server's connection needs a server's context.")
        let connection = try TLSConnection(context)
        SSL_set_accept_state(connection.ssl)
        return connection
    }

    /// - Parameters:
    ///   - host: the name, or address, that the server's certificate must have (RFC 9525).
    ///   - isAddress: whether `host` is an IP address.
    public static func client(_ context: TLSContext, host: String, isAddress: Bool) throws(TLSSetupError)
        -> TLSConnection
    {
        precondition(!context.isServer, "A client's connection needs a client's context.")
        let connection = try TLSConnection(context)
        SSL_set_connect_state(connection.ssl)
        let isSet =
            isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.ssl), host) == 1
            : SSL_set1_host(connection.ssl, host) == 1 && torii_SSL_set_tlsext_host_name(connection.ssl, host) == 1
        guard isSet else { throw TLSSetupError(description: "the name \(host) cannot be verified") }
        return connection
    }

    private init(_ context: TLSContext) throws(TLSSetupError) {
        guard let ssl = SSL_new(context.context) else {
            throw TLSSetupError(description: "OpenSSL made no connection: \(OpenSSLErrors.takeLast())")
        }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw TLSSetupError(description: "OpenSSL made no buffers: \(OpenSSLErrors.takeLast())")
        }
        // An empty one means "not yet", not the end.
        _ = BIO_ctrl(incoming, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        SSL_set_bio(ssl, incoming, outgoing)
        (self.ssl, self.incoming, self.outgoing, self.context) = (ssl, incoming, outgoing, context)
    }

    deinit { SSL_free(ssl) }

    // MARK: - In and out

    /// Takes what came from the network; what it means is read afterwards.
    public func receive(_ bytes: UnsafeRawBufferPointer) {
        _ = BIO_write(incoming, bytes.baseAddress, Int32(clamping: bytes.count))
    }

    /// What is to be sent over the network now; empty when there is nothing.
    public func takeOutgoing() -> [UInt8] {
        let count = BIO_ctrl_pending(outgoing)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { room, length in
            length = max(0, Int(BIO_read(outgoing, room.baseAddress, Int32(clamping: count))))
        }
    }

    /// Goes on with the handshake, and gives what the other side has sent since, one record at most.
    public func read() throws(TLSFault) -> Reading {
        guard try handshake() else { return .nothing }
        var piece = [UInt8](repeating: 0, count: Self.pieceLength)
        ERR_clear_error()
        let count = SSL_read(ssl, &piece, Int32(piece.count))
        if count > 0 { return .bytes(Array(piece.prefix(Int(count)))) }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .nothing
        case SSL_ERROR_ZERO_RETURN: return .end
        default: throw fault()
        }
    }

    /// Seals bytes for the other side.
    ///
    /// - Precondition: it is established.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(TLSFault) {
        precondition(isEstablished, "Nothing can be sealed before the handshake is over.")
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        // Memory takes all of it at once.
        guard SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count)) == Int32(clamping: bytes.count) else {
            throw fault()
        }
    }

    /// Tells the other side that no more is sent (RFC 8446 §6.1).
    public func finish() {
        guard isEstablished else { return }
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// True once it is over.
    private func handshake() throws(TLSFault) -> Bool {
        guard !isEstablished else { return true }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result != 1 else {
            isEstablished = true
            return true
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
        default: throw fault()
        }
    }

    private func fault() -> TLSFault {
        let verdict = SSL_get_verify_result(ssl)
        if !context.isServer, verdict != Int(X509_V_OK) {
            ERR_clear_error()
            return .certificateRefused(X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "unknown")
        }
        let code = ERR_peek_last_error()
        let isHTTP =
            torii_ERR_GET_LIB(code) == ERR_LIB_SSL
            && [SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST].contains(torii_ERR_GET_REASON(code))
        let words = OpenSSLErrors.takeLast()
        return isHTTP ? .plainHTTP : .failed(words)
    }
}
