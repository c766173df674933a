import Primitives

/// Says again what sets an association and its first channels up, when no answer has come for two round trips, within
/// bounds: what DTLS's own timers do for the handshake before.
///
/// usrsctp's timers wait for 250 ms or 500 ms, which suits an association that has congestion to fear and a peer that delays
/// its SACKs. A page waits for the channel, though, and for each of these packets there is nobody to tell that it was lost.
/// What comes twice is known to every peer: an INIT or a cookie (RFC 9260 §5.2), a TSN (§6.2).
///
/// Deviates from RFC 9260 §6.3.3, for these packets only: no timeout is noted, and the congestion window stays as it is.
struct SetupRepetition {
    /// What says that a packet has arrived.
    private enum Answer {
        /// A packet that begins with a chunk of none of these types.
        case beyond([UInt8])
        /// A SACK up to here.
        case acknowledgement(UInt32)
    }

    private struct Waiting {
        let packet: [UInt8]
        let answer: Answer
        var due: Instant
        var wait: Milliseconds
        var repetitions = 0
    }

    private let firstWait: Milliseconds
    /// When the packet at hand came, or the association began, or what is sent was made by a timer.
    private var now: Instant
    private var left = mostInAll
    private var waiting: Waiting?

    // From RFC 9260 §3.2; RFC 8832 §8.1.
    private static let data: UInt8 = 0
    private static let initiation: UInt8 = 1
    private static let initiationAcknowledgement: UInt8 = 2
    private static let cookieEcho: UInt8 = 10
    private static let establishment: UInt32 = 50
    private static let protocolOffset = 12

    // Our choice.
    /// Of one packet; SCTP's own timers go on meanwhile.
    static let limit = 3
    /// Of all packets of an association.
    static let mostInAll = 9
    /// Browsers wait as long for an answer in DTLS and ICE.
    static let shortestWait: Milliseconds = 50
    /// What usrsctp waits itself before it knows the round trip.
    static let longestWait = Milliseconds(UInt64(SCTPStack.retransmissionTimeoutInitial))

    /// - Parameter roundTrip: as long as an answer takes, as far as that is known.
    init(roundTrip: Milliseconds, at now: Instant) {
        firstWait = max(Self.shortestWait, min(Self.twice(min(roundTrip, Self.longestWait)), Self.longestWait))
        self.now = now
    }

    private static func twice(_ span: Milliseconds) -> Milliseconds { Milliseconds(nanoseconds: 2 * span.nanoseconds) }

    var deadline: Instant? { waiting?.due }

    /// The packet to send again, if it is time.
    mutating func due(at now: Instant) -> [UInt8]? {
        guard var next = waiting, next.due <= now else { return nil }
        next.repetitions += 1
        left -= 1
        next.wait = Self.twice(next.wait)
        next.due = now + next.wait
        waiting = next.repetitions < Self.limit && left > 0 ? next : nil
        return next.packet
    }

    mutating func noteReceived(_ packet: UnsafeRawBufferPointer, _ contents: PacketContents, at now: Instant) {
        self.now = now
        guard let waiting, packet.count > PacketHeader.length else { return }
        switch waiting.answer {
        case .beyond(let types):
            if !types.contains(packet[PacketHeader.length]) { self.waiting = nil }
        case .acknowledgement(let tsn):
            // RFC 9260 §1.6: serial number arithmetic.
            if let upTo = contents.cumulativeTSN, Int32(bitPattern: upTo &- tsn) >= 0 { self.waiting = nil }
        }
    }

    /// - Parameter tick: when usrsctp's timers were last looked at: they send, too.
    mutating func noteSent(_ packet: UnsafeRawBufferPointer, _ contents: PacketContents, tick: Instant?) {
        guard left > 0, let answer = answer(to: packet, contents) else { return }
        if let tick { now = max(now, tick) }
        waiting = Waiting(packet: Array(packet), answer: answer, due: now + firstWait, wait: firstWait)
    }

    /// Nil for what needs none, or for what is the peer's to ask for again.
    private func answer(to packet: UnsafeRawBufferPointer, _ contents: PacketContents) -> Answer? {
        guard packet.count > PacketHeader.length else { return nil }
        switch packet[PacketHeader.length] {
        case Self.initiation, Self.initiationAcknowledgement: return .beyond([Self.initiation])
        case Self.cookieEcho: return .beyond([Self.initiation, Self.initiationAcknowledgement])
        default:
            guard let tsn = contents.lastTSN, Self.hasEstablishment(packet) else { return nil }
            return .acknowledgement(tsn)
        }
    }

    /// Whether there is a message of DCEP's: our answer to a channel that the page opens.
    private static func hasEstablishment(_ packet: UnsafeRawBufferPointer) -> Bool {
        var reader = ByteReader(packet)
        guard reader.skip(PacketHeader.length) else { return false }
        while let chunk = Reconfiguration.Item.next(&reader) {
            var fields = ByteReader(chunk.bytes)
            if chunk.bytes[0] == data, fields.skip(protocolOffset), fields.readUInt32() == establishment { return true }
        }
        return false
    }
}
