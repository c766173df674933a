import Capture
import ENet
import Primitives
import SCTP

/// One capture of one session: packets in, a file's bytes out.
///
/// The session writes to it, and the gateway's table keeps it until all of it was fetched, which may be after the session.
final class SessionCapture {
    let id: CaptureID
    private let options: CaptureOptions
    private let compression: Compression
    private let startedAt: Instant
    /// Nanoseconds since 1970, at `startedAt`.
    private let startTime: UInt64
    private var recording: CaptureRecording
    private(set) var end: (reason: CaptureEnd, at: Instant)?
    private var held: (datagrams: PacketTap, at: Instant)?
    /// Where the session's socket to the server is bound; nil while nobody has said.
    var serverSocket: TransportAddress?

    // Our choice.
    /// Bytes that wait to be fetched; packets for which there is no room are counted.
    static let waitingLimit = 8 << 20

    init(
        id: CaptureID, of session: Session, options: CaptureOptions, startTime: UInt64, at now: Instant
    ) {
        self.id = id
        self.options = options
        self.startTime = startTime
        compression = session.route.enet.compression
        startedAt = now
        recording = CaptureRecording(
            start: startTime, comment: Self.comment(session, options),
            descriptions: { Self.description($0, session) }, byteLimit: options.byteLimit,
            waitingLimit: Self.waitingLimit)
    }

    private static func comment(_ session: Session, _ options: CaptureOptions) -> String {
        let payloads =
            switch options.payloads {
            case .zeroed: "zeros stand for what the page and the game wrote"
            case .kept: "with all that the page and the game wrote"
            }
        return "Session \(session.id.shortened) of route \(session.route.name); \(payloads)."
    }

    private static func description(_ interface: CaptureInterface, _ session: Session) -> String {
        switch interface {
        case .browser: "SCTP as it is inside DTLS, in IP headers of the capture's own"
        case .server:
            switch session.route.profile {
            case .datagrams: "Datagrams to and from the game server"
            default: "ENet as it is inside DTLS and compression, if there is any"
            }
        }
    }

    var nextDeadline: Instant? { end == nil ? startedAt + options.duration : nil }

    /// Nobody has fetched all of it yet, or it still runs.
    var hasMore: Bool { end == nil || recording.waitingCount > 0 }
    var waitingCount: Int { recording.waitingCount }

    func advance(to now: Instant) {
        if let nextDeadline, nextDeadline <= now { close(.durationReached, at: nextDeadline) }
    }

    func close(_ reason: CaptureEnd, at now: Instant) {
        guard end == nil else { return }
        end = (reason, now)
        recording.close(at: timestamp(of: now), comment: reason.sentence)
    }

    func take() -> CapturedBytes {
        CapturedBytes(bytes: recording.take(), end: end?.reason)
    }

    // MARK: - Packets

    /// Keeps a datagram for the server for a moment: it is made before the socket that will send it, whose address it
    /// shall have here too. Not longer than until the next turn, so that there are never many.
    func hold(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        let datagrams = held?.datagrams ?? PacketTap()
        datagrams.append(datagram, .sent)
        held = (datagrams, now)
    }

    func takeHeld() -> (datagrams: PacketTap, at: Instant)? {
        defer { held = nil }
        return held
    }

    func append(
        sctp packet: UnsafeRawBufferPointer, _ direction: PacketDirection, between endpoints: Endpoints,
        at now: Instant
    ) {
        switch options.payloads {
        case .kept:
            append(.sctp, Array(packet), .browser, direction, between: endpoints, comment: nil, at: now)
        case .zeroed:
            let redacted = RedactedPacket(of: packet)
            append(
                .sctp, redacted.bytes, .browser, direction, between: endpoints,
                comment: redacted.isWhole ? nil : Self.unreadable, at: now)
        }
    }

    func append(
        enet datagram: UnsafeRawBufferPointer, _ direction: PacketDirection, between endpoints: Endpoints,
        at now: Instant
    ) {
        let shown = ShownDatagram(datagram, compression: compression, keepsPayloads: options.payloads == .kept)
        var comment = shown.compressedCount.map { "Compressed to \($0) bytes on its way." }
        if !shown.isWhole, options.payloads == .zeroed { comment = Self.unreadable }
        append(.udp, shown.bytes, .server, direction, between: endpoints, comment: comment, at: now)
    }

    /// A datagram that is the game's own from the first byte to the last.
    func append(
        datagram: UnsafeRawBufferPointer, _ direction: PacketDirection, between endpoints: Endpoints, at now: Instant
    ) {
        let bytes =
            options.payloads == .kept ? Array(datagram) : [UInt8](repeating: 0, count: datagram.count)
        append(.udp, bytes, .server, direction, between: endpoints, comment: nil, at: now)
    }

    private static let unreadable = "Not all of this can be read; zeros stand for the rest."

    private func append(
        _ contents: InternetPacket.Contents, _ payload: [UInt8], _ interface: CaptureInterface,
        _ direction: PacketDirection, between endpoints: Endpoints, comment: String?, at now: Instant
    ) {
        // A packet later than the deadline may be here before `advance`.
        advance(to: now)
        guard end == nil else { return }
        let packet = InternetPacket.make(contents, payload, direction, between: endpoints)
        let outcome = recording.append(packet, on: interface, direction, at: timestamp(of: now), comment: comment)
        if outcome == .full { close(.byteLimitReached, at: now) }
    }

    /// The time of day is asked for once: it may jump, and packets' distances shall be right.
    private func timestamp(of now: Instant) -> UInt64 {
        startTime &+ now.since(startedAt).nanoseconds
    }
}
