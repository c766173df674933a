import Primitives

/// What OpenSSL has sealed, read from the plain headers of what it wrote, so that whoever goes on in its place uses no
/// sequence number and no nonce twice.
///
/// OpenSSL begins its explicit nonces for AES-GCM at a random number and counts on from it with each record, whatever the
/// record's sequence number. Sent again, a flight's protected records are sealed anew, with numbers of their own.
struct OpenSSLWrites {
    private var nextSequenceNumber: UInt64 = 0
    private var nextExplicitNonce: UInt64 = 0
    /// Whether each sequence number was higher than the one before.
    private var areNumbersInOrder = true
    /// Whether each explicit nonce was the one before and one more.
    private var areNoncesInOrder = true

    /// The first sequence number and the first explicit nonce that OpenSSL has not used, and so none that follows. Nil where
    /// it did not count as it should, or sealed nothing.
    func continuation(for cipher: RecordCipher) -> (sequenceNumber: UInt64, explicitNonce: UInt64)? {
        guard nextSequenceNumber > 0, areNumbersInOrder, areNoncesInOrder || cipher.explicitNonceLength == 0 else {
            return nil
        }
        return (nextSequenceNumber, nextExplicitNonce)
    }

    /// Notes a datagram that OpenSSL wrote: all of them, from the first.
    mutating func note(_ datagram: UnsafeRawBufferPointer) {
        var records = DTLSRecords(datagram)
        while let record = records.next() {
            if record.header.epoch != 0 { noteProtected(record) }
        }
        if !records.rest.isEmpty { areNumbersInOrder = false }
    }

    private mutating func noteProtected(_ record: DTLSRecord) {
        let isFirst = nextSequenceNumber == 0
        let number = record.header.sequenceNumber
        if !record.isProtected || number < nextSequenceNumber { areNumbersInOrder = false }
        nextSequenceNumber = number + 1
        // With ChaCha20-Poly1305 these are ciphertext, and not asked for.
        guard record.fragment.count >= MemoryLayout<UInt64>.size else {
            areNoncesInOrder = false
            return
        }
        let nonce = UInt64(bigEndian: record.fragment.loadUnaligned(as: UInt64.self))
        if !isFirst, nonce != nextExplicitNonce { areNoncesInOrder = false }
        nextExplicitNonce = nonce &+ 1
    }
}
