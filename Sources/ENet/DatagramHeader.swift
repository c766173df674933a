import CENet

/// What every ENet datagram begins with (libenet, `protocol.h`): two bytes, and two more with the sent time.
struct DatagramHeader {
    /// The receiver's number for the sender; the largest in a CONNECT.
    let peerID: UInt16
    /// Which of a peer's connections this is, two bits.
    let session: UInt8
    /// The rest of the datagram is compressed.
    let isCompressed: Bool
    /// The header's own bytes.
    let length: Int

    /// In the first byte, what says that the rest is compressed.
    static let compressedBit = UInt8(ENET_PROTOCOL_HEADER_FLAG_COMPRESSED.rawValue >> 8)

    /// Nil when the datagram is too short for one.
    init?(_ datagram: UnsafeRawBufferPointer) {
        guard datagram.count >= 2 else { return nil }
        let word = UInt32(datagram[0]) << 8 | UInt32(datagram[1])
        let flags = ENET_PROTOCOL_HEADER_FLAG_MASK.rawValue
        let sessions = ENET_PROTOCOL_HEADER_SESSION_MASK.rawValue
        peerID = UInt16(word & ~(flags | sessions))
        session = UInt8((word & sessions) >> ENET_PROTOCOL_HEADER_SESSION_SHIFT.rawValue)
        isCompressed = word & ENET_PROTOCOL_HEADER_FLAG_COMPRESSED.rawValue != 0
        length = word & ENET_PROTOCOL_HEADER_FLAG_SENT_TIME.rawValue != 0 ? 4 : 2
        guard datagram.count >= length else { return nil }
    }
}
