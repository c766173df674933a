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

    /// The same packet between other ports; nil leaves one as it is.
    public static func with(source: UInt16? = nil, destination: UInt16? = nil, _ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= headerLength else { return packet }
        var packet = packet
        if let source { packet.store(bigEndian: source, at: 0) }
        if let destination { packet.store(bigEndian: destination, at: 2) }
        return withChecksum(packet)
    }

    /// With pointers and a plain loop, because packets without optimisation go through here too.
    private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { bytes in
            table.withUnsafeBufferPointer { table in
                var sum = ~UInt32(0)
                var index = 0
                while index < bytes.count {
                    sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])] ^ sum >> 8
                    index += 1
                }
                return ~sum
            }
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
    }
}
