import Primitives

/// SCTP packets with a right checksum, made without usrsctp so that they may be wrong in every other way.
public enum SCTPPacket {
    /// RFC 9260 §3.1: ports and verification tag, then the checksum.
    public static let headerLength = 12
    private static let checksumOffset = 8

    /// `chunks` behind the ports and the tag of `header`, which is the start of a packet on the same way.
    public static func with(header: [UInt8], chunks: [UInt8]) -> [UInt8] {
        guard header.count >= headerLength else { return chunks }
        return withChecksum(Array(header.prefix(headerLength)) + chunks)
    }

    /// One chunk (RFC 9260 §3.2), padded.
    public static func chunk(type: UInt8, flags: UInt8, _ value: [UInt8]) -> [UInt8] {
        var bytes = [type, flags]
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: 4 + value.count))
        return bytes + value + [UInt8](repeating: 0, count: -value.count & 3)
    }

    /// The same packet with the checksum it should have.
    public static func withChecksum(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= headerLength else { return packet }
        var packet = packet
        for index in 0..<4 { packet[checksumOffset + index] = 0 }
        let sum = crc32c(packet)
        // RFC 9260 appendix A: it goes out lowest byte first.
        for index in 0..<4 { packet[checksumOffset + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
        return packet
    }

    private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
    }
}
