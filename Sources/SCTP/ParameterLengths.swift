import Primitives

/// A look at the lengths in an INIT or INIT ACK before usrsctp gets it.
///
/// usrsctp 0.9.5 trusts the parameters' lengths in an INIT that reaches an association which is up: at one of length
/// zero it reads the same place for ever, and the whole gateway with it (mended upstream by commit c08562e, after that
/// release). Every other length usrsctp checks itself, so no other is looked at.
enum ParameterLengths {
    // From RFC 9260 §3.1, §3.2, §3.2.1.
    private static let packetHeaderLength = 12
    private static let headerLength = 4
    // From RFC 9260 §3.3.2, §3.3.3: INIT and INIT ACK, and what stands before their parameters.
    private static let chunksWithParameters: [UInt8] = [1, 2]
    private static let fixedLength = 16

    /// Whether usrsctp may have the packet.
    static func areSound(_ packet: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(packet)
        guard reader.skip(packetHeaderLength) else { return false }
        // Where a chunk's own length is wrong usrsctp stops, and so does this.
        while let type = reader.readUInt8(), reader.skip(1), let length = reader.readUInt16(),
            let value = reader.readBytes(Int(length) - headerLength)
        {
            // The last chunk's padding may be missing.
            _ = reader.skip(-Int(length) & 3)
            guard chunksWithParameters.contains(type) else { continue }
            // RFC 9260 §4.3: they are never bundled with other chunks.
            guard reader.remaining == 0, areParametersSound(value) else { return false }
        }
        return true
    }

    private static func areParametersSound(_ value: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(value)
        guard reader.skip(fixedLength) else { return false }
        while reader.remaining > 0 {
            guard reader.skip(2), let length = reader.readUInt16(), reader.skip(Int(length) - headerLength) else {
                return false
            }
            // The last parameter's padding may be missing.
            _ = reader.skip(-Int(length) & 3)
        }
        return true
    }
}
