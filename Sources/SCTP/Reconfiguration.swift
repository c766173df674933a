import Primitives

/// RE-CONFIG chunks (RFC 6525) made fit for usrsctp 0.9.5, and its own fit for browsers.
///
/// A reset that the other side cannot do yet, because data sent before it is still missing, is answered with "in
/// progress". RFC 6525 §5.1.1 then wants the request again under a new number, and that is where usrsctp differs:
/// told "in progress", usrsctp repeats its request under the old number. Browsers answer an old number with what they
/// answered before, so the stream, and every later one, would never be reset. "Error - Request already in progress", put
/// in its place, makes usrsctp let go of the request; the association makes a new one.
///
/// Left out: every other parameter, which usrsctp handles itself.
enum Reconfiguration {
    // From RFC 9260 §3.1, §3.2 and RFC 6525 §3.1, §4.4.
    static let packetHeaderLength = 12
    static let headerLength = 4
    static let chunkType: UInt8 = 130
    static let requestTypes: [UInt16] = [13, 14, 15, 17, 18]
    static let responseType: UInt16 = 16
    static let outgoingReset: UInt16 = 13
    /// Numbers of requests in the parameters, by their places.
    enum NumberField: Int {
        /// Of a request its own, of a response that of the request it answers.
        case number = 4
        /// Of an Outgoing SSN Reset Request the one that asked for it, or where none did, any.
        case namedRequest = 8
        /// No number of a request, but the last TSN sent before an Outgoing SSN Reset Request.
        case lastTSN = 12
    }
    private static let resultOffset = 8
    private static let responseLength = 12
    private static let inProgress: UInt32 = 6
    private static let alreadyInProgress: UInt32 = 4
    private static let wrongNumber: UInt32 = 5

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

    /// A packet without the parameters of RE-CONFIG that are named; empty when nothing is left of it, nil when there
    /// was none.
    static func removing(
        from packet: UnsafeRawBufferPointer, _ isRemoved: (UnsafeRawBufferPointer) -> Bool
    ) -> [UInt8]? {
        var chunks: [UInt8] = []
        var isChanged = false
        for chunk in self.chunks(of: packet) {
            guard chunk.bytes[0] == chunkType else {
                chunks += chunk.padded
                continue
            }
            let all = parameters(of: chunk)
            let kept = all.filter { !isRemoved($0.bytes) }
            if kept.count < all.count { isChanged = true }
            chunks += Self.chunk(kept)
        }
        return isChanged ? self.packet(packet, chunks) : nil
    }

    /// A packet with nothing but the resets that its sender asks for; empty when there are none.
    static func resets(in packet: UnsafeRawBufferPointer) -> [UInt8] {
        let kept = chunks(of: packet).map { chunk in
            Self.chunk(parameters(of: chunk).filter { number(of: $0.bytes, types: [outgoingReset]) != nil })
        }
        return self.packet(packet, kept.flatMap { $0 })
    }

    /// A RE-CONFIG chunk with these parameters; nothing when there are none.
    private static func chunk(_ parameters: [Item]) -> [UInt8] {
        guard let last = parameters.last else { return [] }
        // The last one's padding is not counted.
        let length = parameters.dropLast().reduce(headerLength + last.bytes.count) { $0 + $1.padded.count }
        var chunk = [chunkType, 0]
        chunk.append(bigEndian: UInt16(length))
        return chunk + parameters.flatMap(\.padded)
    }

    /// A packet with the common header of another; empty without chunks.
    private static func packet(_ header: UnsafeRawBufferPointer, _ chunks: [UInt8]) -> [UInt8] {
        guard !chunks.isEmpty else { return [] }
        var packet = Array(header.prefix(packetHeaderLength)) + chunks
        CRC32C.fill(in: &packet)
        return packet
    }

    /// A packet with other numbers in the parameters of these types.
    static func renumbering(
        _ packet: [UInt8], _ field: NumberField, of types: [UInt16], _ renumbered: (UInt32) -> UInt32
    ) -> [UInt8] {
        var mended = packet
        packet.withUnsafeBytes { bytes in
            for parameter in chunks(of: bytes).flatMap(parameters) {
                guard let number = number(of: parameter.bytes, types: types, field) else { continue }
                mended.store(bigEndian: renumbered(number), at: parameter.offset + field.rawValue)
            }
        }
        CRC32C.fill(in: &mended)
        return mended
    }

    /// The number of a request, or of the request that a response is for; nil when it is of another type.
    static func number(
        of parameter: UnsafeRawBufferPointer, types: [UInt16], _ field: NumberField = .number
    ) -> UInt32? {
        var reader = ByteReader(parameter)
        guard let type = reader.readUInt16(), types.contains(type), reader.skip(field.rawValue - 2) else { return nil }
        return reader.readUInt32()
    }

    /// Whether the parameter is a Re-configuration Response that says "in progress".
    private static func isInProgress(_ parameter: UnsafeRawBufferPointer) -> Bool {
        result(of: parameter) == inProgress
    }

    /// Whether it is one that says that the request's number was not the next.
    static func isWrongNumber(_ parameter: UnsafeRawBufferPointer) -> Bool {
        result(of: parameter) == wrongNumber
    }

    private static func result(of parameter: UnsafeRawBufferPointer) -> UInt32? {
        var reader = ByteReader(parameter)
        guard parameter.count >= responseLength, reader.readUInt16() == responseType, reader.skip(resultOffset - 2)
        else { return nil }
        return reader.readUInt32()
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
