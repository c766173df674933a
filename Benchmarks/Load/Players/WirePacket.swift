import CChecksum
import Primitives

/// SCTP packets between other ports than they were made for.
enum WirePacket {
    // RFC 9260 §3.1.
    private static let headerLength = 12
    private static let checksumOffset = 8
    private static let checksumLength = 4

    /// Calls `body` with a copy that has other ports and the checksum it then needs; nil leaves a port as it is.
    static func copy(
        _ packet: UnsafeRawBufferPointer, source: UInt16? = nil, destination: UInt16? = nil,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        guard packet.count >= headerLength else { return }
        withUnsafeTemporaryAllocation(byteCount: packet.count, alignment: 4) { copy in
            copy.copyMemory(from: packet)
            if let source { copy.storeBytes(of: source.bigEndian, toByteOffset: 0, as: UInt16.self) }
            if let destination { copy.storeBytes(of: destination.bigEndian, toByteOffset: 2, as: UInt16.self) }
            copy.storeBytes(of: 0, toByteOffset: checksumOffset, as: UInt32.self)
            let sum = ~torii_crc32c(~0, copy.baseAddress, copy.count)
            // Appendix A: it goes out lowest byte first.
            copy.storeBytes(of: sum.littleEndian, toByteOffset: checksumOffset, as: UInt32.self)
            body(UnsafeRawBufferPointer(copy))
        }
    }
}
