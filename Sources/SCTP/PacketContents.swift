import Primitives

/// What of a packet this module looks at, before usrsctp gets it or after it made it: found in one pass over its chunks.
struct PacketContents {
    // From RFC 9260 §3.2, §3.3.1; RFC 3758 §3.2.
    private static let data: UInt8 = 0
    private static let initTypes: [UInt8] = [1, 2]
    private static let cookieEcho: UInt8 = 10
    private static let forwardTSN: UInt8 = 192
    private static let dataTSNOffset = 4
    private static let dataStreamOffset = 8
    private static let forwardedStreamsOffset = 8

    /// The packet is an INIT or an INIT ACK, which come alone.
    private(set) var isInit = false
    /// There is a RE-CONFIG chunk.
    private(set) var hasReconfiguration = false
    /// The highest stream named by DATA and FORWARD TSN.
    private(set) var highestStream: UInt16?
    /// The highest TSN among its DATA chunks: they come in order (RFC 9260 §6.1).
    private(set) var lastTSN: UInt32?
    /// What a SACK says has come without a gap.
    private(set) var cumulativeTSN: UInt32?
    /// The bytes up to the end of a COOKIE ECHO that begins the packet: what follows it is for an association that is
    /// up.
    private(set) var cookieEchoEnd: Int?

    init(_ packet: UnsafeRawBufferPointer) {
        var reader = ByteReader(packet)
        guard reader.skip(PacketHeader.length) else { return }
        var isFirst = true
        while let chunk = Reconfiguration.Item.next(&reader) {
            note(chunk, isFirst: isFirst, end: reader.offset)
            isFirst = false
        }
    }

    private mutating func note(_ chunk: Reconfiguration.Item, isFirst: Bool, end: Int) {
        switch chunk.bytes[0] {
        case Self.data:
            note(streamAt: Self.dataStreamOffset, of: chunk.bytes)
            var reader = ByteReader(chunk.bytes)
            if reader.skip(Self.dataTSNOffset), let tsn = reader.readUInt32() { lastTSN = tsn }
        case Self.forwardTSN:
            for offset in stride(from: Self.forwardedStreamsOffset, to: chunk.bytes.count - 1, by: 4) {
                note(streamAt: offset, of: chunk.bytes)
            }
        case IncomingResets.sackType:
            var reader = ByteReader(chunk.bytes)
            if reader.skip(IncomingResets.cumulativeTSNOffset) { cumulativeTSN = reader.readUInt32() }
        case Reconfiguration.chunkType:
            hasReconfiguration = true
        case let type where isFirst && Self.initTypes.contains(type):
            isInit = true
        case Self.cookieEcho where isFirst:
            cookieEchoEnd = end
        default:
            break
        }
    }

    private mutating func note(streamAt offset: Int, of chunk: UnsafeRawBufferPointer) {
        var reader = ByteReader(chunk)
        guard reader.skip(offset), let stream = reader.readUInt16() else { return }
        highestStream = max(highestStream ?? 0, stream)
    }
}
