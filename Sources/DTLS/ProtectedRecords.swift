import COpenSSL
import Primitives

/// A look at the lengths of a datagram's protected records before OpenSSL gets it.
///
/// OpenSSL drops a record that it cannot open, as it should (RFC 6347 §4.1.2.7); but release 3.0.19, which is Debian
/// 12's for whoever did not take its security updates, ends the connection over one that is shorter than what its
/// cipher adds. Anyone who can forge the peer's address could send that one.
enum ProtectedRecords {
    // From RFC 6347 §4.1: type and version stand before the epoch, the sequence number between it and the length.
    private static let beforeEpoch = 3
    private static let sequenceNumberLength = 6
    private static let headerLength = 13
    // From RFC 5288 §3 and RFC 7905 §2: AES-GCM adds 8 bytes of nonce and a tag, ChaCha20-Poly1305 a tag.
    private static let tagLength = 16
    private static let explicitNonceLength = 8

    /// What a record adds to its plaintext with AES-GCM, in bytes.
    static let longestOverhead = headerLength + explicitNonceLength + tagLength

    /// Whether OpenSSL may have the datagram.
    static func areLongEnough(in datagram: UnsafeRawBufferPointer, for ssl: OpaquePointer) -> Bool {
        // DTLS 1.3's records look different (RFC 9147 §4), and no release that speaks it is so touchy.
        guard SSL_version(ssl) == DTLS1_2_VERSION else { return true }
        let overhead = overhead(of: ssl)
        var reader = ByteReader(datagram)
        // Where a record's own length is wrong OpenSSL stops, and so does this.
        while reader.skip(beforeEpoch), let epoch = reader.readUInt16(), reader.skip(sequenceNumberLength),
            let length = reader.readUInt16(), reader.skip(Int(length))
        {
            guard epoch == 0 || length >= overhead else { return false }
        }
        return true
    }

    /// What the cipher adds to a record, in bytes; before one is agreed on, the least any of ours does.
    private static func overhead(of ssl: OpaquePointer) -> Int {
        guard let cipher = SSL_get_current_cipher(ssl), SSL_CIPHER_get_cipher_nid(cipher) != NID_chacha20_poly1305
        else {
            return tagLength
        }
        return explicitNonceLength + tagLength
    }
}
