/// FINGERPRINT: a CRC-32 of the message before it, which tells STUN from other protocols on one port
/// (RFC 8489 §14.7). It guards against mistakes, not against attackers.
enum Fingerprint {
    // From RFC 8489 §14.7
    static let valueLength = 4
    private static let mask: UInt32 = 0x5354_554E

    static func value(of message: some Sequence<UInt8>) -> UInt32 {
        crc32(message) ^ mask
    }

    /// The CRC of ITU V.42 (also of Ethernet and zip): reflected, polynomial 0x04C11DB7.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { remainder, byte in
            remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
        }
    }
}
