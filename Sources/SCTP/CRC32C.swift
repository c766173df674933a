import CChecksum

/// SCTP's checksum (RFC 9260 §6.8 and appendix A). usrsctp, which would spend more on it than on the rest of a small
/// packet, is told to leave it to us.
enum CRC32C {
    // From the specification.
    private static let offset = 8
    private static let length = 4

    /// Puts the checksum the packet should have into its common header; without a whole one nothing is done.
    static func fill(in packet: UnsafeMutableRawBufferPointer) {
        guard packet.count >= PacketHeader.length else { return }
        // Appendix A: it goes out lowest byte first.
        packet.storeBytes(
            of: sum(of: UnsafeRawBufferPointer(packet)).littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    static func fill(in packet: inout [UInt8]) {
        packet.withUnsafeMutableBytes { fill(in: $0) }
    }

    /// Whether the packet has the checksum it should have.
    static func isRight(in packet: UnsafeRawBufferPointer) -> Bool {
        guard packet.count >= PacketHeader.length else { return false }
        return packet.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == sum(of: packet).littleEndian
    }

    /// Of a packet with at least a header, with zeros where the checksum is.
    private static func sum(of packet: UnsafeRawBufferPointer) -> UInt32 {
        var zeros: UInt32 = 0
        let end = offset + length
        var sum = torii_crc32c(~0, packet.baseAddress, offset)
        sum = torii_crc32c(sum, &zeros, length)
        return ~torii_crc32c(sum, packet.baseAddress.map { $0 + end }, packet.count - end)
    }
}
