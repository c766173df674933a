import Primitives

/// One packet, and when it was there (§4.3).
struct EnhancedPacketBlock {
    // From §4.3
    private static let flags: UInt16 = 2
    private static let dropCount: UInt16 = 4

    let interface: CaptureInterface
    /// Nanoseconds since 1970.
    let time: UInt64
    let direction: PacketDirection
    /// Packets of the interface since the one before that are not in the file.
    let dropped: UInt64
    let comment: String?
    let packet: [UInt8]

    func append(to bytes: inout [UInt8]) {
        var block = Block(kind: .enhancedPacket)
        block.body.reserveCapacity(packet.count + 64)
        block.body.append(bigEndian: interface.rawValue)
        block.body.append(bigEndian: time)
        // As much as there was.
        block.body.append(bigEndian: UInt32(truncatingIfNeeded: packet.count))
        block.body.append(bigEndian: UInt32(truncatingIfNeeded: packet.count))
        block.body += packet
        block.body.append(contentsOf: repeatElement(0, count: -packet.count & 3))
        var options = BlockOptions()
        options.append(comment: comment)
        options.append(Self.flags, direction.rawValue)
        if dropped > 0 { options.append(Self.dropCount, dropped) }
        block.body += options.closed
        block.append(to: &bytes)
    }
}
