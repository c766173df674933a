/// The RE-CONFIG chunks that have streams added (RFC 6525 §4.5, §4.4), as the peer would send them.
enum AddStreams {
    // From RFC 6525 §4.4, §4.5.
    static let outgoing: UInt16 = 17
    private static let performed: UInt32 = 1

    /// The peer's request for more streams of its own.
    static func request(number: UInt32, count: UInt16) -> [UInt8] {
        var value: [UInt8] = []
        value.append(bigEndian: number)
        value.append(bigEndian: count)
        value.append(bigEndian: UInt16(0))
        return chunk(outgoing, value)
    }

    /// The peer's answer that this side has more streams now.
    static func performed(number: UInt32) -> [UInt8] {
        var value: [UInt8] = []
        value.append(bigEndian: number)
        value.append(bigEndian: performed)
        return chunk(Reconfiguration.responseType, value)
    }

    private static func chunk(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        let parameterLength = UInt16(Reconfiguration.headerLength + value.count)
        var chunk: [UInt8] = [Reconfiguration.chunkType, 0]
        chunk.append(bigEndian: UInt16(Reconfiguration.headerLength) + parameterLength)
        chunk.append(bigEndian: type)
        chunk.append(bigEndian: parameterLength)
        return chunk + value
    }
}
