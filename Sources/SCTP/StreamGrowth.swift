import Primitives

/// How many streams usrsctp has, of all those the two sides have offered each other.
///
/// usrsctp 0.9.5 pays for every stream of an association from the beginning, about 90 bytes a pair, used or not. It is
/// therefore told of a few in INIT and INIT ACK, while the peer is told of all; it is given more (SCTPGrowing.swift)
/// before the first use of one it does not have. RFC 6525 has requests for that between the two sides, but browsers
/// answer none.
///
/// Left out: giving streams back.
struct StreamGrowth {
    // From RFC 9260 §3.3.2, §3.3.3: places in a packet whose only chunk is INIT or INIT ACK.
    private static let initiateTagOffset = 16
    private static let outboundOffset = 24
    private static let inboundOffset = 26
    private static let initialTSNOffset = 28
    private static let fixedLength = 32
    // Our choice.
    /// What an association begins with, and what it has next. Browsers give out every other number.
    private static let steps: [UInt16] = [16, 128]

    /// Streams offered to the peer each way.
    let offered: UInt16
    /// What usrsctp has.
    private(set) var inbound: UInt16
    private(set) var outbound: UInt16
    /// What the two sides agreed on.
    private(set) var agreedInbound: UInt16
    private(set) var agreedOutbound: UInt16
    /// The verification tag of packets for this side; 0 before INIT.
    private(set) var ownTag: UInt32 = 0
    /// What usrsctp is to have before anything more is sent; nil when it has that.
    var wantedOutbound: UInt16?

    init(offered: UInt16) {
        self.offered = offered
        agreedInbound = offered
        agreedOutbound = offered
        inbound = min(offered, Self.steps[0])
        outbound = inbound
    }

    /// What usrsctp should have in order to receive on `stream`; nil when it has that, or is never to have it.
    func inboundCount(for stream: UInt16) -> UInt16? {
        stream < inbound ? nil : Self.count(for: stream, agreed: agreedInbound)
    }

    /// What usrsctp should have in order to send on `stream`; nil when it has that, or is never to have it.
    func outboundCount(for stream: UInt16) -> UInt16? {
        stream < outbound ? nil : Self.count(for: stream, agreed: agreedOutbound)
    }

    private static func count(for stream: UInt16, agreed: UInt16) -> UInt16? {
        stream < agreed ? min(agreed, steps.first { stream < $0 } ?? agreed) : nil
    }

    /// Takes note of what usrsctp has now. If it has been given no more, it is not asked again.
    mutating func noteInbound(_ count: UInt16) {
        if count <= inbound { agreedInbound = inbound }
        inbound = max(inbound, count)
    }

    /// The same for outgoing streams.
    mutating func noteOutbound(_ count: UInt16) {
        if count <= outbound { agreedOutbound = outbound }
        outbound = max(outbound, count)
        if let wanted = wantedOutbound, wanted <= outbound || agreedOutbound == outbound { wantedOutbound = nil }
    }

    /// usrsctp's INIT or INIT ACK as the peer shall see it: all streams are offered.
    mutating func offering(_ packet: UnsafeRawBufferPointer) -> [UInt8] {
        guard packet.count >= Self.fixedLength else { return Array(packet) }
        // An INIT ACK to an INIT that comes late has another tag, which never counts (RFC 9260 §5.2.2).
        if ownTag == 0 { ownTag = packet.loadBigEndian(Self.initiateTagOffset) }
        return Self.with(outboundStreams: offered, packet)
    }

    /// The peer's INIT or INIT ACK as usrsctp shall see it: no more streams are offered than it is to begin with.
    func limiting(_ packet: UnsafeRawBufferPointer) -> [UInt8] {
        guard packet.count >= Self.fixedLength else { return Array(packet) }
        return Self.with(outboundStreams: min(packet.loadBigEndian(Self.outboundOffset), Self.steps[0]), packet)
    }

    /// Takes note of what the peer's INIT or INIT ACK offers; returns its initial TSN, from which its requests are
    /// numbered (RFC 6525 §5.1.1).
    mutating func agree(on packet: UnsafeRawBufferPointer) -> UInt32? {
        guard packet.count >= Self.fixedLength else { return nil }
        agree(
            peersOutbound: packet.loadBigEndian(Self.outboundOffset),
            peersInbound: packet.loadBigEndian(Self.inboundOffset))
        return packet.loadBigEndian(Self.initialTSNOffset)
    }

    mutating func agree(peersOutbound: UInt16, peersInbound: UInt16) {
        agreedInbound = min(offered, peersOutbound)
        agreedOutbound = min(offered, peersInbound)
    }

    private static func with(outboundStreams: UInt16, _ packet: UnsafeRawBufferPointer) -> [UInt8] {
        var packet = Array(packet)
        packet.store(bigEndian: outboundStreams, at: outboundOffset)
        CRC32C.fill(in: &packet)
        return packet
    }
}

extension UnsafeRawBufferPointer {
    /// The number at `offset`, which must be there whole.
    fileprivate func loadBigEndian<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
