/// The record layer of one connection after its handshake (RFC 6347 §4.1), in place of OpenSSL's: DTLS 1.2, epoch 1, an AEAD.
///
/// It takes the keys over from OpenSSL. It opens from the handshake's end on, so that each record is new to one window; it
/// seals once OpenSSL does no more, counting on from where that has stopped.
///
/// Left out: any other epoch, since nothing is renegotiated; connection IDs (RFC 9146), which are not negotiated;
/// compression.
struct RecordLayer: ~Copyable {
    private var opening: RecordProtection
    private var window = ReplayWindow()
    private var sealing: RecordProtection?
    private var nextSequenceNumber: UInt64 = 0
    /// Something was sealed or opened since the last `restIfIdle`.
    private var isBusy = true

    /// Room for the longest record, and for its fragment.
    static let longestRecord = RecordHeader.byteCount + longestFragment
    static let longestFragment = RecordHeader.longestPlaintext + RecordCipher.aes128GCM.expansion

    /// One that opens what the peer of `role` seals, and seals nothing yet; nil when OpenSSL cannot.
    init?(_ role: DTLSConnection.Role, _ keys: borrowing RecordKeys) {
        guard let opening = RecordProtection(opening: role == .client ? .server : .client, keys) else { return nil }
        self.opening = opening
    }

    /// Whether it can go on from where OpenSSL has stopped without using a number twice.
    func continues(_ writes: OpenSSLWrites) -> Bool {
        writes.continuation(for: opening.cipher) != nil
    }

    /// Makes it seal what `role` sends; false, and nothing changed, when that cannot be.
    mutating func startSealing(
        _ role: DTLSConnection.Role, _ keys: borrowing RecordKeys, after writes: OpenSSLWrites
    ) -> Bool {
        guard let start = writes.continuation(for: keys.cipher) else { return false }
        switch RecordProtection(sealing: role, keys, explicitNonce: start.explicitNonce) {
        case .some(let protection):
            sealing = consume protection
            nextSequenceNumber = start.sequenceNumber
            return true
        case nil: return false
        }
    }

    /// Opens a record that is new and the peer's; nil for any other, after which nothing has changed.
    ///
    /// - Parameter buffer: room for `longestFragment`. The plaintext is in it, and may be empty.
    mutating func open(_ record: DTLSRecord, into buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let header = record.header
        // RFC 6347 §4.1.2.7: what is not valid is dropped without a word. The cheap questions come first.
        guard record.isProtected, header.length >= opening.cipher.expansion,
            header.length <= RecordHeader.longestPlaintext + opening.cipher.expansion,
            window.admits(header.sequenceNumber)
        else { return nil }
        let fragment = UnsafeMutableRawBufferPointer(rebasing: buffer[..<header.length])
        fragment.copyMemory(from: record.fragment)
        guard opening.open(fragment, of: header) else { return nil }
        isBusy = true
        window.note(header.sequenceNumber)
        let start = opening.cipher.explicitNonceLength
        return UnsafeRawBufferPointer(rebasing: fragment[start..<header.length - RecordCipher.tagLength])
    }

    /// Gives up memory that the next record can have again, if there was none since the last call.
    mutating func restIfIdle() {
        if !isBusy {
            opening.rest()
            sealing?.rest()
        }
        isBusy = false
    }

    /// Seals a record; nil when it seals nothing yet, or has no sequence number left (RFC 6347 §4.1 forbids to begin again).
    ///
    /// - Parameter buffer: room for `longestRecord`, none of it the plaintext's. The record is in it.
    mutating func seal(
        _ type: ContentType, _ plaintext: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard nextSequenceNumber <= RecordHeader.highestSequenceNumber, let cipher = sealing?.cipher,
            plaintext.count <= RecordHeader.longestPlaintext
        else { return nil }
        let header = RecordHeader(
            type: type, sequenceNumber: nextSequenceNumber, length: plaintext.count + cipher.expansion)
        // Also where it fails: the nonce may have been used.
        nextSequenceNumber += 1
        isBusy = true
        let record = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(RecordHeader.byteCount + header.length)])
        header.write(to: record)
        let fragment = UnsafeMutableRawBufferPointer(rebasing: record[RecordHeader.byteCount...])
        UnsafeMutableRawBufferPointer(rebasing: fragment[cipher.explicitNonceLength...]).copyMemory(from: plaintext)
        guard sealing?.seal(fragment, of: header) == true else { return nil }
        return UnsafeRawBufferPointer(record)
    }
}
