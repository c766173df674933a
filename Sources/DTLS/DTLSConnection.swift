import COpenSSL
import Glibc
import Primitives

/// One DTLS association (RFC 6347; RFC 9147 when the linked OpenSSL has it) as a machine: datagrams and times in,
/// datagrams and plaintext records out.
///
/// OpenSSL shakes hands. Then, where it is DTLS 1.2 with an AEAD, a `RecordLayer` takes the records over and OpenSSL's
/// connection goes, which takes twenty times the memory; DTLSConnection+Records.swift says when.
///
/// With a browser it is established only if the peer's certificate matches one of the fingerprints given, with a game
/// server only if it is what `ServerVerification` asks for; no plaintext is handed out before that. Not thread-safe;
/// belongs to whoever owns its context.
///
/// What comes unprotected, before keys are agreed on, anyone can forge who can forge the peer's address: such an alert or
/// handshake message ends the handshake, as it does in every DTLS. Garbage does not, nor anything afterwards.
public final class DTLSConnection {
    public enum Role: Sendable {
        case client
        case server
    }

    public enum State: Equatable, Sendable {
        case handshaking
        case established
        case closed(CloseReason)
    }

    public enum CloseReason: Equatable, Sendable {
        /// The peer sent close_notify.
        case peerClosed
        /// The peer's certificate is not the one its offer or answer promised, or that was pinned.
        case fingerprintMismatch
        /// The game server's certificate does not come from whom it should, is not for its name, or not of today;
        /// OpenSSL's words.
        case certificateRefused(String)
        /// A fatal alert, a broken handshake, or retransmissions used up; OpenSSL's words.
        case failed(String)
        /// `close()` was called.
        case closedHere
    }

    /// What a datagram did.
    public enum Reception: Equatable {
        /// It advanced the handshake, or was a late part of it.
        case handshake
        /// It holds a record that `nextRecord()` will open.
        case record
        /// Nothing in it was for this connection: forged, replayed or garbage.
        case rejected
        case closed
    }

    /// Datagrams to send to the peer, in order. The owner sends them and empties it.
    public var outgoing = PacketArena(keptBytes: PacketArena.keptBytesOfSession)
    public internal(set) var state = State.handshaking
    /// When `advance(to:)` wants to be called; nil while nothing waits for time.
    public private(set) var nextDeadline: Instant?

    /// Nil once the record layer does all that is left.
    var ssl: OpaquePointer?
    let context: SharedContext
    let role: Role
    private let fingerprints: [CertificateFingerprint]
    /// What OpenSSL is to read.
    var incoming: UnsafeRawBufferPointer?
    var opened: UnsafeRawBufferPointer?
    private var sawWrongCertificate = false
    private let peer: Peer
    private let longestPlaintext: Int

    /// Opens what comes since the handshake is done, and once `ssl` is nil seals too; nil where OpenSSL keeps all of it.
    var records: RecordLayer?
    /// Until the record layer seals, too.
    var keys: RecordKeys?
    /// What of a datagram the record layer has not opened yet.
    var unread = DTLSRecords(UnsafeRawBufferPointer(start: nil, count: 0))
    var early = EarlyRecords()
    var writes = OpenSSLWrites()
    /// Whether the datagram at hand held an authentic handshake message.
    var sawHandshakeMessage = false
    /// For tests: whether the record layer may take over at all.
    var takesOver = true

    private enum Peer {
        case browser
        /// It speaks DTLS 1.2 and nothing else, so that what is no record of that can be told.
        case gameServer
    }

    /// The largest UDP payload sent to a browser, in bytes (RFC 8831 §5 asks for 1,200 where the path MTU is unknown).
    public static let datagramSize = 1200
    /// The most bytes a record adds to its plaintext, with any of the cipher suites offered.
    public static let recordOverhead = ProtectedRecords.longestOverhead
    // Our choice: a game server's ClientHello is never cut, not even with the longest name and the longest cookie, which
    // come to 700 bytes; servers of mbedTLS do not put one together. Where a way is as narrow as that, IP cuts it.
    private static let smallestLinkMTU = 1024
    // Our choice, microseconds.
    private static let longestWait: UInt32 = 3_000_000

    /// A connection to a browser.
    ///
    /// - Parameter fingerprints: any one of them is enough (RFC 8122 §5); an empty list refuses every peer.
    public convenience init(
        context: DTLSContext, role: Role, fingerprints: [CertificateFingerprint]
    ) throws(DTLSSetupError) {
        try self.init(
            context: context.shared, role: role, peer: .browser, fingerprints: fingerprints,
            linkMTU: Self.datagramSize, longestPlaintext: DTLSContext.maximumSendFragment)
    }

    /// A connection to a game server, as its client.
    ///
    /// - Parameter recordSize: the most bytes `send` is given at once; a datagram gets up to `recordOverhead` longer.
    public convenience init(context: ClientContext, recordSize: Int) throws(DTLSSetupError) {
        try self.init(
            context: context.shared, role: .client, peer: .gameServer, fingerprints: context.fingerprints,
            linkMTU: max(recordSize + Self.recordOverhead, Self.smallestLinkMTU), longestPlaintext: recordSize)
        // Bounds OpenSSL's write buffer.
        guard torii_SSL_set_max_send_fragment(ssl, recordSize) == 1 else {
            throw DTLSSetupError("send records of \(recordSize) bytes")
        }
        if let name = context.hostName, torii_SSL_set_tlsext_host_name(ssl, name) != 1 {
            throw DTLSSetupError("ask for the server \(name)")
        }
    }

    private init(
        context: SharedContext, role: Role, peer: Peer, fingerprints: [CertificateFingerprint], linkMTU: Int,
        longestPlaintext: Int
    ) throws(DTLSSetupError) {
        guard let ssl = SSL_new(context.pointer) else { throw DTLSSetupError("make a DTLS connection") }
        self.ssl = ssl
        self.context = context
        self.role = role
        self.fingerprints = fingerprints
        self.peer = peer
        self.longestPlaintext = longestPlaintext
        guard let bio = DatagramBIO.make(owner: self) else {
            throw DTLSSetupError("make a datagram BIO")
        }
        SSL_set_bio(ssl, bio, bio)
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        torii_SSL_set_link_mtu(ssl, linkMTU)
        switch peer {
        case .browser: DTLS_set_timer_cb(ssl) { DTLSConnection.wait(after: $1, first: 50_000) }
        case .gameServer: DTLS_set_timer_cb(ssl) { DTLSConnection.wait(after: $1, first: 200_000) }
        }
        switch role {
        case .client: SSL_set_connect_state(ssl)
        case .server: SSL_set_accept_state(ssl)
        }
    }

    /// How long a flight waits for its answer before it is sent again: microseconds, twice as long each time.
    ///
    /// OpenSSL's own first wait of 1 s would make one lost flight cost a second. Browsers wait 50 ms themselves; a game
    /// server may be busy for a frame, and answers each copy with its certificates.
    private static func wait(after previous: UInt32, first: UInt32) -> UInt32 {
        previous == 0 ? first : min(previous * 2, longestWait)
    }

    deinit {
        if let ssl { SSL_free(ssl) }
    }

    /// As a client, sends the first flight; a server waits for the peer's.
    public func start(at now: Instant) {
        guard role == .client, state == .handshaking, let ssl else { return }
        continueHandshake(ssl, at: now)
    }

    /// Takes one datagram from the peer. When it says `.record`, call `nextRecord()` until it returns nil, before the
    /// bytes given here go away.
    public func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) -> Reception {
        if case .closed = state { return .closed }
        guard let ssl else { return receiveRecords(datagram) }
        guard ProtectedRecords.areLongEnough(in: datagram, for: ssl),
            peer == .browser || PlainRecords.areWhole(in: datagram)
        else { return .rejected }
        if state == .established, records != nil { return receiveRecords(datagram) }
        let before = outgoing.count
        incoming = datagram
        defer { incoming = nil }
        if state == .handshaking {
            continueHandshake(ssl, at: now)
            if case .closed = state { return .closed }
            // RFC 6347 §4.2.4: application data may follow Finished in the same datagram, or have overtaken it.
            if state == .established {
                if openFirstRecords() { return .record }
                if case .closed = state { return .closed }
            }
            return .handshake
        }
        if readFromOpenSSL(ssl) { return .record }
        if case .closed = state { return .closed }
        return outgoing.count > before ? .handshake : .rejected
    }

    /// The next record's plaintext, valid until the next call on any connection of this context.
    public func nextRecord() -> UnsafeRawBufferPointer? {
        if let record = opened {
            opened = nil
            return record
        }
        guard state == .established, records == nil ? readMoreFromOpenSSL() : openRecord() else { return nil }
        defer { opened = nil }
        return opened
    }

    /// Seals one record as one datagram into `outgoing`. False when the connection is not established or the record
    /// does not fit a datagram.
    @discardableResult
    public func send(_ plaintext: UnsafeRawBufferPointer) -> Bool {
        guard state == .established, plaintext.count > 0 else { return false }
        guard let ssl else { return plaintext.count <= longestPlaintext && seal(.applicationData, plaintext) }
        OpenSSLErrors.clear()
        return SSL_write(ssl, plaintext.baseAddress, Int32(clamping: plaintext.count)) == plaintext.count
    }

    /// Sends close_notify; nothing is sent or received afterwards.
    public func close() {
        if state == .established { sendCloseNotify() }
        if case .closed = state { return }
        end(.closedHere)
    }

    /// Retransmits what is due.
    public func advance(to now: Instant) {
        guard let deadline = nextDeadline, deadline <= now, state == .handshaking, let ssl else { return }
        OpenSSLErrors.clear()
        if torii_DTLSv1_handle_timeout(ssl) < 0 {
            end(.failed(OpenSSLErrors.takeLast() ?? "the handshake's retransmissions are used up"))
        } else {
            scheduleRetransmission(ssl, at: now)
        }
    }

    private func continueHandshake(_ ssl: OpaquePointer, at now: Instant) {
        OpenSSLErrors.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            // Also with DTLS 1.3: a client is told so only when its last flight was acknowledged, and a server that sends
            // no tickets has nothing more to send again by itself (RFC 9147 §5.8.1).
            state = .established
            nextDeadline = nil
            takeOver(from: ssl)
        } else if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ {
            scheduleRetransmission(ssl, at: now)
        } else if sawWrongCertificate {
            end(.fingerprintMismatch)
        } else if let refusal = certificateRefusal(ssl) {
            end(.certificateRefused(refusal))
        } else {
            end(.failed(OpenSSLErrors.takeLast() ?? "the handshake failed"))
        }
    }

    /// Why OpenSSL refused the peer's certificate; nil when it has not.
    private func certificateRefusal(_ ssl: OpaquePointer) -> String? {
        let result = SSL_get_verify_result(ssl)
        guard SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE, result != X509_V_OK else { return nil }
        return String(cString: X509_verify_cert_error_string(result))
    }

    private func scheduleRetransmission(_ ssl: OpaquePointer, at now: Instant) {
        var left = timeval()
        guard torii_DTLSv1_get_timeout(ssl, &left) == 1 else {
            nextDeadline = nil
            return
        }
        let nanoseconds = UInt64(max(left.tv_sec, 0)) * 1_000_000_000 + UInt64(max(left.tv_usec, 0)) * 1000
        // A millisecond more, so that OpenSSL's own clock, read a little later, agrees that the time has come.
        nextDeadline = now + Milliseconds(nanoseconds: nanoseconds) + 1
    }

    private func readMoreFromOpenSSL() -> Bool {
        guard let ssl, SSL_pending(ssl) > 0 || SSL_has_pending(ssl) != 0 else { return false }
        return readFromOpenSSL(ssl)
    }

    /// True when it read application data, which is in `opened` then.
    @discardableResult
    func readFromOpenSSL(_ ssl: OpaquePointer) -> Bool {
        OpenSSLErrors.clear()
        let count = SSL_read(ssl, context.plaintext.baseAddress, Int32(SharedContext.plaintextCapacity))
        if count > 0 {
            opened = UnsafeRawBufferPointer(rebasing: context.plaintext[..<Int(count)])
            return true
        }
        switch SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            break
        case SSL_ERROR_ZERO_RETURN:
            // RFC 5246 §7.2.1: answer close_notify with our own.
            sendCloseNotify()
            end(.peerClosed)
        default:
            end(.failed(OpenSSLErrors.takeLast() ?? "the peer ended the connection"))
        }
        return false
    }

    func end(_ reason: CloseReason) {
        state = .closed(reason)
        nextDeadline = nil
        OpenSSLErrors.clear()
    }

    /// Called by the BIO: the next record of a handshake, or what is no record, or afterwards the whole datagram; 0 when
    /// all of it was read.
    func takeDatagram(into target: UnsafeMutableRawBufferPointer) -> Int {
        while let bytes = incoming {
            incoming = nil
            guard state == .handshaking else { return copy(bytes, into: target) }
            var records = DTLSRecords(bytes)
            guard PlainRecords.isStarted(by: bytes), let record = records.next() else {
                return copy(bytes, into: target)
            }
            if !records.rest.isEmpty { incoming = records.rest }
            if record.isProtected {
                early.append(record)
                if record.header.type == ContentType.applicationData.rawValue { continue }
            }
            return copy(record.bytes, into: target)
        }
        return 0
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(bytes.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return count
    }

    /// Called by the BIO: a datagram that OpenSSL writes.
    func append(_ datagram: UnsafeRawBufferPointer) {
        writes.note(datagram)
        outgoing.append(datagram)
    }

    /// Called by OpenSSL while it verifies the peer.
    func acceptsCertificate(_ certificate: OpaquePointer) -> Bool {
        let matches = fingerprints.contains { expected in
            CertificateFingerprint(of: certificate, algorithm: expected.algorithm) == expected
        }
        sawWrongCertificate = !matches
        return matches
    }
}
