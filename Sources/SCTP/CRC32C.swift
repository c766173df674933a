/// SCTP's checksum (RFC 9260 §6.8 and appendix A), for the few packets that are changed on their way. usrsctp makes and
/// checks all others.
enum CRC32C {
    // From the specification.
    private static let offset = 8
    private static let reflectedPolynomial: UInt32 = 0x82F6_3B78

    /// Puts the checksum the packet should have into its common header; without a whole one nothing is done.
    static func fill(in packet: inout [UInt8]) {
        guard packet.count >= PacketHeader.length else { return }
        for index in 0..<4 { packet[offset + index] = 0 }
        let sum = ~packet.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
        // Appendix A: it goes out lowest byte first.
        for index in 0..<4 { packet[offset + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    }

    /// Whether the packet has the checksum it should have.
    static func isRight(in packet: UnsafeRawBufferPointer) -> Bool {
        var expected = Array(packet)
        fill(in: &expected)
        return expected.elementsEqual(packet)
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ reflectedPolynomial }
    }
}
