// pcapng (draft-ietf-opsawg-pcapng), written only: what Wireshark and its kin open.
//
// Left out: reading; little-endian sections, as a section says itself which way it is written; name resolution, secrets of
// decryption, and every other block than the four that a capture needs.

import Primitives

/// What every block is made of (§3.1): its type, its length, a body, and the length again.
struct Block {
    /// The code that says what a block is.
    enum Kind: UInt32 {
        case sectionHeader = 0x0A0D_0D0A
        case interfaceDescription = 1
        case interfaceStatistics = 5
        case enhancedPacket = 6
    }

    let kind: Kind
    /// Of any length: padded when written.
    var body: [UInt8] = []

    // From §3.1: type and the two lengths.
    private static let overhead = 12

    func append(to bytes: inout [UInt8]) {
        let padding = -body.count & 3
        let length = UInt32(truncatingIfNeeded: body.count + padding + Self.overhead)
        bytes.append(bigEndian: kind.rawValue)
        bytes.append(bigEndian: length)
        bytes += body
        bytes.append(contentsOf: repeatElement(0, count: padding))
        bytes.append(bigEndian: length)
    }
}
