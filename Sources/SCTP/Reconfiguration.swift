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
    static let packetHeaderLength = 12
    static let headerLength = 4
    static let chunkType: UInt8 = 130
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
        for chunk in chunks(of: packet) {
            for parameter in parameters(of: chunk) where isInProgress(parameter.bytes) {
                places.append(parameter.offset + resultOffset)
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
        for chunk in chunks(of: packet) {
            guard chunk.bytes[0] == chunkType else {
                mended += chunk.padded
                continue
            }
            let all = parameters(of: chunk)
            let kept = all.filter { !isInProgress($0.bytes) }
            if kept.count < all.count { isChanged = true }
            guard let last = kept.last else { continue }
            // The last one's padding is not counted.
            let length = kept.dropLast().reduce(headerLength + last.bytes.count) { $0 + $1.padded.count }
            mended += [chunkType, chunk.bytes[1]]
            mended.append(bigEndian: UInt16(length))
            for parameter in kept { mended += parameter.padded }
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

    static func chunks(of packet: UnsafeRawBufferPointer) -> [Item] {
        items(of: packet, after: packetHeaderLength, at: 0)
    }

    /// Those of a RE-CONFIG chunk; other chunks have none here.
    static func parameters(of chunk: Item) -> [Item] {
        chunk.bytes[0] == chunkType ? items(of: chunk.bytes, after: headerLength, at: chunk.offset) : []
    }

    private static func items(of bytes: UnsafeRawBufferPointer, after start: Int, at offset: Int) -> [Item] {
        var reader = ByteReader(bytes)
        guard reader.skip(start) else { return [] }
        var items: [Item] = []
        while let item = Item.next(&reader) { items.append(Item(bytes: item.bytes, offset: offset + item.offset)) }
        return items
    }

    /// A chunk or a parameter: both carry their own length in their third and fourth byte, and are padded to four.
    struct Item {
        let bytes: UnsafeRawBufferPointer
        /// From the start of the packet.
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
