import Primitives

/// Keeps a reset that the peer asks for from usrsctp until all that the peer sent before it is there.
///
/// usrsctp 0.9.5 answers an early one with "in progress" and does it when the next DATA chunk comes after the last that
/// was missing. If none comes it is never done, the peer's repetitions get the same answer, and a browser's channel
/// never closes. A request without an answer the peer repeats too (RFC 6525 §5.1.1), so none is given.
///
/// Left out: more than one request at a time, which a peer may not have under way (RFC 6525 §5.1.1).
struct IncomingResets {
    // From RFC 9260 §3.3.4.
    static let sackType: UInt8 = 3
    static let cumulativeTSNOffset = 4

    /// The last TSN up to which nothing is missing, as far as the peer has been told.
    private var cumulativeTSN: UInt32 = 0
    private var held: (packet: [UInt8], lastTSN: UInt32)?

    /// Takes note of the peer's initial TSN.
    mutating func begin(at initialTSN: UInt32) {
        cumulativeTSN = initialTSN &- 1
    }

    /// Takes note of what a SACK of ours says.
    mutating func acknowledged(_ tsn: UInt32) {
        cumulativeTSN = tsn
    }

    /// What usrsctp may have now of a packet with RE-CONFIG chunks, which may be nothing. `due` will be the rest.
    mutating func passing(_ packet: UnsafeRawBufferPointer) -> [UInt8] {
        let lastTSNs = Reconfiguration.chunks(of: packet).flatMap(Reconfiguration.parameters).compactMap {
            Reconfiguration.number(of: $0.bytes, types: [Reconfiguration.outgoingReset], .lastTSN)
        }
        guard !lastTSNs.isEmpty else { return Array(packet) }
        held = nil
        guard let early = lastTSNs.first(where: { !isThere($0) }) else { return Array(packet) }
        held = (Reconfiguration.resets(in: packet), early)
        return Reconfiguration.removing(from: packet) {
            Reconfiguration.number(of: $0, types: [Reconfiguration.outgoingReset]) != nil
        } ?? []
    }

    /// The packet that was held, when its time has come; then it is forgotten.
    mutating func due() -> [UInt8]? {
        guard let held, isThere(held.lastTSN) else { return nil }
        self.held = nil
        return held.packet
    }

    private func isThere(_ tsn: UInt32) -> Bool {
        Int32(bitPattern: tsn &- cumulativeTSN) <= 0
    }
}
