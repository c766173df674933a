import Primitives

/// The common header of an SCTP packet (RFC 9260 §3.1).
struct PacketHeader {
    // From RFC 9260 §3.1
    static let length = 12

    let sourcePort: UInt16
    let destinationPort: UInt16
    let verificationTag: UInt32

    /// A packet of whole, padded chunks, with its checksum.
    func packet(_ chunks: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: sourcePort)
        bytes.append(bigEndian: destinationPort)
        bytes.append(bigEndian: verificationTag)
        bytes.append(bigEndian: UInt32(0))
        bytes += chunks
        CRC32C.fill(in: &bytes)
        return bytes
    }
}
