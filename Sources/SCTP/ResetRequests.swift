import Primitives

/// The numbers of the peer's requests (RFC 6525 §4), where usrsctp gets more of them than the peer made.
///
/// usrsctp 0.9.5 denies a reset of more than 248 streams at once, which Firefox asks for when a page closes as many
/// channels, and which neither of the two tries again. Such a request is handed to it in several, each under a number of
/// its own. All later requests are numbered on, and the answers' numbers back: the peer sees the last one's.
struct ResetRequests {
    // From RFC 6525 §4.
    private static let outgoingReset: UInt16 = 13
    private static let requests: [UInt16] = [13, 14, 15, 17, 18]
    private static let response: UInt16 = 16
    private static let numberOffset = 4
    private static let streamsOffset = 16
    // Our choice.
    private static let streamsAtOnce = 200

    /// By how much usrsctp's number of a request is above the peer's.
    private var shift: UInt32 = 0
    private var newest: UInt32?

    /// What usrsctp gets in place of a packet from the peer; empty where that is the packet itself.
    mutating func split(_ packet: UnsafeRawBufferPointer) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var rest = Array(packet)
        for chunk in Reconfiguration.chunks(of: packet) {
            for parameter in Reconfiguration.parameters(of: chunk) {
                guard let number = Self.number(of: parameter.bytes, types: Self.requests) else { continue }
                let isNew = newest.map { number == $0 &+ 1 } ?? true
                let streams = Self.streams(of: parameter.bytes)
                guard streams.count > Self.streamsAtOnce else {
                    if isNew { newest = number }
                    rest.store(bigEndian: number &+ shift, at: parameter.offset + Self.numberOffset)
                    continue
                }
                // What else the packet holds counts as lost, and comes again.
                var pieces = stride(from: 0, to: streams.count, by: Self.streamsAtOnce).map {
                    Array(streams[$0..<min($0 + Self.streamsAtOnce, streams.count)])
                }
                if isNew {
                    newest = number
                } else {
                    // A repetition wants only the answer again.
                    pieces.removeFirst(pieces.count - 1)
                }
                for (index, piece) in pieces.enumerated() {
                    packets.append(
                        Self.request(
                            header: packet, fixed: parameter.bytes, number: number &+ shift &+ UInt32(index), piece))
                }
                shift &+= UInt32(pieces.count - 1)
                return packets
            }
        }
        guard shift != 0 else { return [] }
        CRC32C.fill(in: &rest)
        return [rest]
    }

    /// A packet for the peer with its own numbers in the answers; nil where they are.
    func renumbered(_ packet: UnsafeRawBufferPointer) -> [UInt8]? {
        guard shift != 0 else { return nil }
        var packet = Array(packet)
        var places: [(Int, UInt32)] = []
        packet.withUnsafeBytes { bytes in
            for chunk in Reconfiguration.chunks(of: bytes) {
                for parameter in Reconfiguration.parameters(of: chunk) {
                    guard let number = Self.number(of: parameter.bytes, types: [Self.response]) else { continue }
                    places.append((parameter.offset + Self.numberOffset, number))
                }
            }
        }
        guard !places.isEmpty else { return nil }
        for (place, number) in places { packet.store(bigEndian: number &- shift, at: place) }
        CRC32C.fill(in: &packet)
        return packet
    }

    private static func number(of parameter: UnsafeRawBufferPointer, types: [UInt16]) -> UInt32? {
        var reader = ByteReader(parameter)
        guard let type = reader.readUInt16(), types.contains(type), reader.skip(2) else { return nil }
        return reader.readUInt32()
    }

    private static func streams(of parameter: UnsafeRawBufferPointer) -> [UInt16] {
        var reader = ByteReader(parameter)
        guard reader.readUInt16() == outgoingReset, reader.skip(streamsOffset - 2) else { return [] }
        var streams: [UInt16] = []
        while let stream = reader.readUInt16() { streams.append(stream) }
        return streams
    }

    /// A packet with one request, which has everything but number and streams from another.
    private static func request(
        header: UnsafeRawBufferPointer, fixed: UnsafeRawBufferPointer, number: UInt32, _ streams: [UInt16]
    ) -> [UInt8] {
        let length = UInt16(streamsOffset + 2 * streams.count)
        var parameter = Array(fixed.prefix(streamsOffset))
        parameter.store(bigEndian: length, at: 2)
        parameter.store(bigEndian: number, at: numberOffset)
        for stream in streams { parameter.append(bigEndian: stream) }
        var packet = Array(header.prefix(Reconfiguration.packetHeaderLength))
        packet += [Reconfiguration.chunkType, 0]
        packet.append(bigEndian: UInt16(Reconfiguration.headerLength) + length)
        packet += parameter + [UInt8](repeating: 0, count: -parameter.count & 3)
        CRC32C.fill(in: &packet)
        return packet
    }
}

extension [UInt8] {
    /// Overwrites four bytes at `offset`, which must lie within the array.
    fileprivate mutating func store(bigEndian value: UInt32, at offset: Int) {
        store(bigEndian: UInt16(truncatingIfNeeded: value >> 16), at: offset)
        store(bigEndian: UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
