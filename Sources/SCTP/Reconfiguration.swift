import Primitives

/// RE-CONFIG chunks (RFC 6525) made fit for usrsctp 0.9.5, and its own fit for browsers.
///
/// A reset that the other side cannot do yet, because data sent before it is still missing, is answered with "in
/// progress". RFC 6525 §5.1.1 then wants the request again under a new number, and that is where usrsctp differs:
///
/// * Told "in progress", usrsctp repeats its request under the old number. Browsers answer an old number with what they
///   answered before, so the stream, and every later one, would never be reset. "Error - Request already in progress",
///   put in its place, makes usrsctp let go of the request; the association makes a new one.
/// * usrsctp tells of an incoming reset once for each number it came under, so the browser's second request would close
///   a channel opened on the same stream meanwhile. "In progress" is therefore not said: the browser repeats its request
///   under the old number, or gets usrsctp's late answer to it first.
///
/// Left out: every other parameter, which usrsctp handles itself.
enum Reconfiguration {
    // From RFC 9260 §3.1, §3.2 and RFC 6525 §3.1, §4.4.
    private static let packetHeaderLength = 12
    private static let headerLength = 4
    private static let chunkType: UInt8 = 130
    private static let responseType: UInt16 = 16
    private static let resultOffset = 8
    private static let responseLength = 12
    private static let inProgress: UInt32 = 6
    private static let alreadyInProgress: UInt32 = 4

    /// Whether the packet holds a RE-CONFIG chunk.
    static func isIn(_ packet: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(packet)
        guard reader.skip(packetHeaderLength) else { return false }
        while let chunk = Item.next(&reader) {
            if chunk.bytes[0] == chunkType { return true }
        }
        return false
    }

    /// A packet from the peer with each "in progress" replaced, or nil when there is none in it.
    static func withoutIncomingInProgress(_ packet: UnsafeRawBufferPointer) -> [UInt8]? {
        var places: [Int] = []
        forEachChunk(of: packet) { chunk in
            forEachParameter(of: chunk) { parameter in
                if isInProgress(parameter.bytes) { places.append(parameter.offset + resultOffset) }
            }
        }
        guard !places.isEmpty else { return nil }
        var mended = Array(packet)
        for place in places {
            mended[place + 3] = UInt8(alreadyInProgress)
        }
        CRC32C.fill(in: &mended)
        return mended
    }

    /// A packet for the peer without what says "in progress"; empty when nothing is left of it, nil when there was no
    /// such thing.
    static func withoutOutgoingInProgress(_ packet: UnsafeRawBufferPointer) -> [UInt8]? {
        var mended = Array(packet.prefix(packetHeaderLength))
        var isChanged = false
        forEachChunk(of: packet) { chunk in
            guard chunk.bytes[0] == chunkType else {
                mended += chunk.padded
                return
            }
            var parameters: [UInt8] = []
            var kept = 0
            var length = headerLength
            forEachParameter(of: chunk) { parameter in
                guard !isInProgress(parameter.bytes) else {
                    isChanged = true
                    return
                }
                length = headerLength + parameters.count + parameter.bytes.count
                parameters += parameter.padded
                kept += 1
            }
            guard kept > 0 else { return }
            mended += [chunkType, chunk.bytes[1]]
            mended.append(bigEndian: UInt16(length))
            mended += parameters
        }
        guard isChanged else { return nil }
        guard mended.count > packetHeaderLength else { return [] }
        CRC32C.fill(in: &mended)
        return mended
    }

    /// Whether the parameter is a Re-configuration Response that says so.
    private static func isInProgress(_ parameter: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(parameter)
        return parameter.count >= responseLength && reader.readUInt16() == responseType
            && reader.skip(resultOffset - 2) && reader.readUInt32() == inProgress
    }

    private static func forEachChunk(of packet: UnsafeRawBufferPointer, _ body: (Item) -> Void) {
        var reader = ByteReader(packet)
        guard reader.skip(packetHeaderLength) else { return }
        while let chunk = Item.next(&reader) { body(chunk) }
    }

    private static func forEachParameter(of chunk: Item, _ body: (Item) -> Void) {
        guard chunk.bytes[0] == chunkType else { return }
        var reader = ByteReader(chunk.bytes)
        guard reader.skip(headerLength) else { return }
        while let parameter = Item.next(&reader) {
            body(Item(bytes: parameter.bytes, offset: chunk.offset + parameter.offset))
        }
    }

    /// A chunk or a parameter: both carry their own length in their third and fourth byte, and are padded to four.
    private struct Item {
        let bytes: UnsafeRawBufferPointer
        /// From the start of what it was read from.
        let offset: Int

        var padded: [UInt8] { Array(bytes) + [UInt8](repeating: 0, count: -bytes.count & 3) }

        static func next(_ reader: inout ByteReader) -> Item? {
            let offset = reader.offset
            var header = reader
            guard header.skip(2), let length = header.readUInt16(), length >= headerLength,
                let bytes = reader.readBytes(Int(length))
            else { return nil }
            // The last one's padding may be missing.
            _ = reader.skip(-Int(length) & 3)
            return Item(bytes: bytes, offset: offset)
        }
    }
}
