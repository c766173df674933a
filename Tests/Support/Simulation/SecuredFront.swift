import COpenSSL
import DTLS
import Gateway
import Primitives

/// The DTLS side of a game server, on plain OpenSSL and none of Torii: a HelloVerifyRequest for everyone, no certificate
/// asked of clients, each flight in one datagram whatever its size, as servers of mbedTLS send it.
public final class SecuredFront {
    private final class Client {
        let ssl: OpaquePointer
        let input: OpaquePointer
        let output: OpaquePointer
        var deadline: Instant?
        var isUp = false

        init?(_ context: OpaquePointer) {
            guard let ssl = SSL_new(context), let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
                return nil
            }
            (self.ssl, self.input, self.output) = (ssl, input, output)
            SSL_set_bio(ssl, input, output)
            torii_SSL_set_link_mtu(ssl, SecuredFront.flightSize)
            SSL_set_accept_state(ssl)
        }

        deinit { SSL_free(ssl) }
    }

    /// What a client does that means this server and no other.
    public let security: ServerSecurity
    /// Clients that finished the handshake, ever.
    public private(set) var handshakes = 0
    /// Clients that took their leave with close_notify.
    public private(set) var closures = 0
    public private(set) var helloVerifyRequests = 0
    public private(set) var largestDatagram = 0
    public private(set) var largestReceived = 0

    private static let flightSize = 16_000
    private let context: OpaquePointer
    private var clients: [TransportAddress: Client] = [:]
    private var outgoing: [([UInt8], TransportAddress)] = []

    public static let name = "game.example"
    /// Keys are made once: they cost more than a whole play.
    private static let chain = Result {
        let root = try TestCertificate("Root", isAuthority: true)
        let middle = try TestCertificate("Middle", isAuthority: true, issuer: root)
        return [try TestCertificate("leaf", names: ["DNS:\(name)"], issuer: middle), middle, root]
    }

    /// One whose certificate an authority made by way of another.
    public convenience init() throws {
        let chain = try Self.chain.get()
        try self.init(chain: Array(chain.dropLast()), security: .dtls(.name(chain[2].authorities), name: Self.name))
    }

    /// - Parameters:
    ///   - chain: what is shown, the server's own certificate first.
    ///   - suites: OpenSSL's names of the cipher suites it has; nil for all.
    public init(chain: [TestCertificate], security: ServerSecurity, suites: String? = nil) throws {
        guard let context = SSL_CTX_new(DTLS_server_method()), let leaf = chain.first else {
            throw TestCertificate.Failure()
        }
        self.context = context
        self.security = security
        // What clients make of a weak key is for them to say.
        SSL_CTX_set_security_level(context, 0)
        SSL_CTX_set_options(context, torii_SSL_OP_NO_QUERY_MTU() | torii_SSL_OP_COOKIE_EXCHANGE())
        SSL_CTX_set_cookie_generate_cb(context) { ssl, cookie, count in
            // One per client, as the address would be.
            for (index, byte) in withUnsafeBytes(of: ssl, Array.init).enumerated() { cookie?[index] = byte }
            count?.pointee = UInt32(MemoryLayout<OpaquePointer>.size)
            return 1
        }
        SSL_CTX_set_cookie_verify_cb(context) { ssl, cookie, count in
            withUnsafeBytes(of: ssl) { $0.elementsEqual(UnsafeRawBufferPointer(start: cookie, count: Int(count))) }
                ? 1 : 0
        }
        guard suites.map({ SSL_CTX_set_cipher_list(context, $0) == 1 }) ?? true,
            SSL_CTX_use_certificate(context, leaf.certificate) == 1,
            SSL_CTX_use_PrivateKey(context, leaf.key) == 1,
            chain.dropFirst().allSatisfy({ torii_SSL_CTX_add1_chain_cert(context, $0.certificate) == 1 })
        else { throw TestCertificate.Failure() }
    }

    deinit {
        clients.removeAll()
        SSL_CTX_free(context)
    }

    public var nextDeadline: Instant? { clients.values.compactMap(\.deadline).min() }

    /// Takes a datagram; returns what its records hold.
    public func receive(_ bytes: [UInt8], from source: TransportAddress, at now: Instant) -> [[UInt8]] {
        guard let client = clients[source] ?? Client(context) else { return [] }
        clients[source] = client
        largestReceived = max(largestReceived, bytes.count)
        BIO_write(client.input, bytes, Int32(bytes.count))
        ERR_clear_error()
        var plaintexts: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: Self.flightSize)
        while true {
            let count = SSL_read(client.ssl, &buffer, Int32(buffer.count))
            guard count > 0 else { break }
            plaintexts.append(Array(buffer.prefix(Int(count))))
        }
        if !client.isUp, SSL_is_init_finished(client.ssl) == 1 {
            client.isUp = true
            handshakes += 1
        }
        takeOutput(of: client, source, at: now)
        if SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN != 0 {
            closures += 1
            clients[source] = nil
        }
        return plaintexts
    }

    public func send(_ plaintext: [UInt8], to destination: TransportAddress, at now: Instant) {
        guard let client = clients[destination], client.isUp else { return }
        ERR_clear_error()
        SSL_write(client.ssl, plaintext, Int32(plaintext.count))
        takeOutput(of: client, destination, at: now)
    }

    /// Sends close_notify to a client.
    public func close(_ destination: TransportAddress, at now: Instant) {
        guard let client = clients[destination] else { return }
        SSL_shutdown(client.ssl)
        takeOutput(of: client, destination, at: now)
    }

    /// Who is there, up or not.
    public var addresses: [TransportAddress] { Array(clients.keys) }

    public func advance(to now: Instant) {
        for (address, client) in clients {
            guard let deadline = client.deadline, deadline <= now else { continue }
            ERR_clear_error()
            _ = torii_DTLSv1_handle_timeout(client.ssl)
            takeOutput(of: client, address, at: now)
        }
    }

    public func drain(_ send: ([UInt8], TransportAddress) -> Void) {
        for (bytes, destination) in outgoing { send(bytes, destination) }
        outgoing.removeAll()
    }

    private func takeOutput(of client: Client, _ address: TransportAddress, at now: Instant) {
        var buffer = [UInt8](repeating: 0, count: 2 * Self.flightSize)
        let count = BIO_read(client.output, &buffer, Int32(buffer.count))
        if count > 0 {
            let datagram = Array(buffer.prefix(Int(count)))
            largestDatagram = max(largestDatagram, datagram.count)
            // The type of a handshake message follows its record's header (RFC 6347 §4.3.2).
            if datagram.count > 13, datagram[0] == 22, datagram[13] == 3 { helloVerifyRequests += 1 }
            outgoing.append((datagram, address))
        }
        var left = timeval()
        guard torii_DTLSv1_get_timeout(client.ssl, &left) == 1 else {
            client.deadline = nil
            return
        }
        let microseconds = UInt64(max(left.tv_sec, 0)) * 1_000_000 + UInt64(max(left.tv_usec, 0))
        client.deadline = now + Milliseconds(nanoseconds: microseconds * 1000) + 1
    }
}
