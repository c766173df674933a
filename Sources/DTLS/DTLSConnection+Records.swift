// What becomes of a connection's records after the handshake.
//
// The record layer opens everything that comes from the moment the handshake is done. OpenSSL goes
//
// * as client at once: the server's Finished answers ours (RFC 6347 §4.2.4), so nothing of ours is asked for again. Nor is
//   a server's Finished that comes again: it comes where ours came twice.
// * as server when application data has come. Our Finished, the last of the handshake, may be lost; then the client
//   repeats its own, and OpenSSL repeats ours. A client that sends data has it: browsers start no data early, False Start
//   (RFC 7918) being nothing for DTLS. Until then OpenSSL also seals.
//
// So each direction has one owner at a time, and keys are used for no number twice: what is opened is new to one window
// from the first record on, and what is sealed goes on from the last number and nonce OpenSSL has used.
//
// Left out: alerts of ours but close_notify and no_renegotiation, so that an alert that is none and a record too long are
// dropped rather than answered; a bound for warnings in a row; a bound for forged records (RFC 9147 §4.5.3 has one, DTLS
// 1.2 has not).

import COpenSSL
import Primitives

extension DTLSConnection {
    /// RFC 5246 §7.2.
    private enum Alert {
        static let warning: UInt8 = 1
        static let fatal: UInt8 = 2
        static let closeNotify: UInt8 = 0
        static let noRenegotiation: UInt8 = 100
    }

    /// RFC 5246 §7.4.
    private enum HandshakeType {
        static let helloRequest: UInt8 = 0
        static let clientHello: UInt8 = 1
        static let finished: UInt8 = 20
    }

    /// Called when the handshake is done. Where OpenSSL keeps the records, data that came early is lost, as on a network.
    func takeOver(from ssl: OpaquePointer) {
        defer { if records == nil { early.removeAll() } }
        guard takesOver, let keys = RecordKeys(of: ssl) else { return }
        records = RecordLayer(role, keys)
        self.keys = consume keys
        if role == .client { takeOverSealing(from: ssl) }
    }

    /// Lets go of OpenSSL's connection, if its numbers can be continued; otherwise it goes on sealing.
    private func takeOverSealing(from ssl: OpaquePointer) {
        guard let keys = keys.take(), records?.startSealing(role, keys, after: writes) == true else { return }
        SSL_free(ssl)
        self.ssl = nil
    }

    /// Takes a datagram after the handshake, as `receive` does.
    func receiveRecords(_ datagram: UnsafeRawBufferPointer) -> Reception {
        let before = outgoing.count
        sawHandshakeMessage = false
        unread = DTLSRecords(datagram)
        if openRecord() { return .record }
        if case .closed = state { return .closed }
        return sawHandshakeMessage || outgoing.count > before ? .handshake : .rejected
    }

    /// What came with the handshake's last datagram, and before it.
    func openFirstRecords() -> Bool {
        if let incoming { unread = DTLSRecords(incoming) }
        incoming = nil
        return openRecord()
    }

    /// Opens records up to the next with application data, which is in `opened` then; false when there is none.
    func openRecord() -> Bool {
        while let bytes = early.take() {
            if bytes.withUnsafeBytes({ openEarly($0) }) { return true }
        }
        while state == .established, let record = unread.next() {
            if open(record) { return true }
        }
        return false
    }

    /// What came before the handshake was done shows nothing of what the peer has of its end.
    private func openEarly(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var records = DTLSRecords(bytes)
        guard let record = records.next() else { return false }
        return open(record, isEarly: true)
    }

    private func open(_ record: DTLSRecord, isEarly: Bool = false) -> Bool {
        guard let plaintext = records?.open(record, into: context.plaintext) else { return false }
        switch ContentType(rawValue: record.header.type) {
        case .applicationData:
            if let ssl, !isEarly, records?.continues(writes) == true { takeOverSealing(from: ssl) }
            // RFC 5246 §6.2.1 allows empty ones.
            guard plaintext.count > 0 else { return false }
            opened = plaintext
            return true
        case .alert: receiveAlert(plaintext)
        case .handshake: receiveHandshakeMessage(plaintext, in: record)
        case .changeCipherSpec, nil: break
        }
        return false
    }

    private func receiveAlert(_ alert: UnsafeRawBufferPointer) {
        guard alert.count == 2 else { return }
        switch (alert[0], alert[1]) {
        case (Alert.warning, Alert.closeNotify):
            // RFC 5246 §7.2.1: answer close_notify with our own.
            sendCloseNotify()
            end(.peerClosed)
        case (Alert.fatal, let description):
            let words = SSL_alert_desc_string_long(Int32(description)).map { String(cString: $0) }
            end(.failed("the peer's alert: \(words ?? "\(description)")"))
        default: break
        }
    }

    /// A late part of the handshake, or the wish for another.
    private func receiveHandshakeMessage(_ message: UnsafeRawBufferPointer, in record: DTLSRecord) {
        sawHandshakeMessage = true
        if let ssl {
            // OpenSSL answers it with our last flight; any other message it would take for a new handshake's.
            guard message.first == HandshakeType.finished else { return }
            incoming = record.bytes
            defer { incoming = nil }
            readFromOpenSSL(ssl)
            return
        }
        guard message.first == (role == .client ? HandshakeType.helloRequest : HandshakeType.clientHello) else {
            return
        }
        // RFC 5246 §7.2.2.
        sendAlert(Alert.warning, Alert.noRenegotiation)
    }

    /// Gives up memory that the next record can have again, if there was none since the last call.
    public func restIfIdle() { records?.restIfIdle() }

    func sendCloseNotify() {
        if let ssl {
            OpenSSLErrors.clear()
            SSL_shutdown(ssl)
        } else {
            sendAlert(Alert.warning, Alert.closeNotify)
        }
    }

    private func sendAlert(_ level: UInt8, _ description: UInt8) {
        withUnsafeBytes(of: (level, description)) { _ = seal(.alert, $0) }
    }

    /// Seals a record; one that cannot be sealed ends the connection.
    func seal(_ type: ContentType, _ plaintext: UnsafeRawBufferPointer) -> Bool {
        guard let record = records?.seal(type, plaintext, into: context.sealed) else {
            end(.failed("no more records can be sealed"))
            return false
        }
        outgoing.append(record)
        return true
    }
}
