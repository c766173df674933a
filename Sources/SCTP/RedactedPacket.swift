import Primitives

/// An SCTP packet as it may be shown to others: as long as it was, with zeros for everything that a page or a game wrote.
///
/// What stays is listed, by chunk, in `RedactedChunk`; what is not listed, and what cannot be read, is zeros.
public struct RedactedPacket {
    public let bytes: [UInt8]
    /// Whether all of it could be read. The rest is zeros from where it could not.
    public let isWhole: Bool

    public init(of packet: UnsafeRawBufferPointer) {
        var bytes = [UInt8](packet)
        isWhole = bytes.withUnsafeMutableBytes { Self.redact($0) }
        // A packet that came with a wrong checksum, or without one (RFC 9653), keeps it: that may be why it was dropped.
        if CRC32C.isRight(in: packet) { CRC32C.fill(in: &bytes) }
        self.bytes = bytes
    }

    private static func redact(_ packet: UnsafeMutableRawBufferPointer) -> Bool {
        guard packet.count >= PacketHeader.length else {
            packet.zero(from: 0)
            return false
        }
        var offset = PacketHeader.length
        while offset < packet.count {
            guard let length = packet.itemLength(at: offset) else {
                packet.zero(from: offset)
                return false
            }
            RedactedChunk.redact(UnsafeMutableRawBufferPointer(rebasing: packet[offset..<offset + length]))
            // RFC 9260 §3.2: the last chunk's padding may be missing.
            let next = min(offset + length + (-length & 3), packet.count)
            packet.zero(from: offset + length, to: next)
            offset = next
        }
        return true
    }
}

extension UnsafeMutableRawBufferPointer {
    // From RFC 9260 §3.2, §3.2.1: of chunks and parameters.
    private static var headerLength: Int { 4 }

    /// The length of the chunk or parameter that begins there, padding left out; nil when it is none.
    func itemLength(at offset: Int) -> Int? {
        guard offset + Self.headerLength <= count else { return nil }
        let length = Int(self[offset + 2]) << 8 | Int(self[offset + 3])
        return length >= Self.headerLength && offset + length <= count ? length : nil
    }

    func zero(from start: Int, to end: Int? = nil) {
        let end = end ?? count
        guard start < end else { return }
        UnsafeMutableRawBufferPointer(rebasing: self[start..<end]).initializeMemory(as: UInt8.self, repeating: 0)
    }
}
