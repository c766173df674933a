/// COOKIE ACK, which ends the setup of an association (RFC 9260 §3.3.12): a header and nothing else.
enum CookieAckChunk {
    static let serialized: [UInt8] = [11, 0, 0, 4]
}
