import Primitives

/// The numbers of the peer's requests (RFC 6525 §4), where usrsctp gets more of them than the peer made: those for more
/// streams (SCTPGrowing.swift), and the pieces of one.
///
/// usrsctp 0.9.5 denies a reset of more than 248 streams at once, which Firefox asks for when a page closes as many
/// channels, and which neither of the two tries again. Such a request is handed to it in several, each under a number of
/// its own. All later requests are numbered on, and the answers' numbers back: the peer sees the last one's.
struct ResetRequests {
    // From RFC 6525 §4.
    private static let numberOffset = 4
    private static let streamsOffset = 16
    // Our choice.
    private static let streamsAtOnce = 200

    /// By how much usrsctp's number of a request is above the peer's.
    private var shift: UInt32 = 0
    private(set) var newest: UInt32?
    /// The newest of the peer's requests before those that were inserted last, and the shift it has.
    private var beforeInsertion: (newest: UInt32, shift: UInt32)?
    /// usrsctp's number of the request that was inserted last.
    private(set) var inserted: UInt32?
    /// Whether usrsctp has counted that request.
    private(set) var isInsertedCounted = false

    /// Takes note of the peer's initial TSN, which its first request will have for its number.
    mutating func begin(at initialTSN: UInt32) {
        newest = initialTSN &- 1
    }

    /// usrsctp's number for a request that is not the peer's, and comes after all that are; nil before `begin`.
    mutating func insert() -> UInt32? {
        guard let newest else { return nil }
        if beforeInsertion?.newest != newest { beforeInsertion = (newest, shift) }
        shift &+= 1
        inserted = newest &+ shift
        isInsertedCounted = false
        return inserted
    }

    /// usrsctp's number of the peer's request.
    private func forStack(_ number: UInt32) -> UInt32 {
        guard let before = beforeInsertion, Int32(bitPattern: number &- before.newest) <= 0 else {
            return number &+ shift
        }
        return number &+ before.shift
    }

    /// The peer's number of its request.
    private func forPeer(_ number: UInt32) -> UInt32 {
        guard let before = beforeInsertion, Int32(bitPattern: number &- shift &- before.newest) <= 0 else {
            return number &- shift
        }
        return number &- before.shift
    }

    /// What usrsctp gets in place of a packet from the peer; empty where that is the packet itself.
    mutating func split(_ packet: UnsafeRawBufferPointer) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var rest = Array(packet)
        for chunk in Reconfiguration.chunks(of: packet) {
            for parameter in Reconfiguration.parameters(of: chunk) {
                guard let number = Reconfiguration.number(of: parameter.bytes, types: Reconfiguration.requestTypes)
                else { continue }
                let isNew = newest.map { number == $0 &+ 1 } ?? true
                let streams = Self.streams(of: parameter.bytes)
                guard streams.count > Self.streamsAtOnce else {
                    if isNew { newest = number }
                    rest.store(bigEndian: forStack(number), at: parameter.offset + Self.numberOffset)
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
                            header: packet, fixed: parameter.bytes, number: forStack(number) &+ UInt32(index), piece))
                }
                shift &+= UInt32(pieces.count - 1)
                return packets
            }
        }
        guard shift != 0 else { return [] }
        CRC32C.fill(in: &rest)
        return [rest]
    }

    /// A packet for the peer with its own numbers in the answers, and without answers to what it has not asked.
    mutating func answers(_ packet: [UInt8]) -> [UInt8] {
        guard shift != 0 else { return packet }
        let kept = packet.withUnsafeBytes { bytes in
            Reconfiguration.removing(from: bytes) { parameter in
                guard let inserted,
                    Reconfiguration.number(of: parameter, types: [Reconfiguration.responseType]) == inserted
                else { return false }
                isInsertedCounted = isInsertedCounted || !Reconfiguration.isWrongNumber(parameter)
                return true
            }
        }
        return Reconfiguration.renumbering(kept ?? packet, .number, of: [Reconfiguration.responseType]) { forPeer($0) }
    }

    private static func streams(of parameter: UnsafeRawBufferPointer) -> [UInt16] {
        var reader = ByteReader(parameter)
        guard reader.readUInt16() == Reconfiguration.outgoingReset, reader.skip(streamsOffset - 2) else { return [] }
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
