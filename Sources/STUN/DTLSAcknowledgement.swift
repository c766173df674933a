/// Which DTLS datagrams arrived inside STUN messages of late (draft-hancke-webrtc-sped), each named by its CRC-32.
///
/// Left out: datagrams of our own inside STUN, and so their smaller MTU and their resending with the checks. They let an
/// agent start DTLS before it may send anything but checks. A lite agent sends none, and from the first valid check on
/// it may send DTLS as it is, beside the response, which arrives as early.
public struct DTLSAcknowledgement: Equatable, Sendable {
    // From draft-hancke-webrtc-sped: four values at most.
    public static let capacity = 4

    /// The oldest first.
    public private(set) var values: [UInt32] = []

    public init() {}

    /// Notes a datagram. One that came before is noted once; of too many the oldest is forgotten.
    public mutating func note(_ datagram: some Sequence<UInt8>) {
        let value = Fingerprint.crc32(datagram)
        guard !values.contains(value) else { return }
        if values.count == Self.capacity { values.removeFirst() }
        values.append(value)
    }
}
