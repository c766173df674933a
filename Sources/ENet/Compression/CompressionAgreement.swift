import CENet
import Primitives

/// Whether the server compresses as we were told, found out before we compress anything.
///
/// Nothing is negotiated: a host that reads no compressed datagrams, or others, drops them without a word. So CONNECT
/// and all that follows goes out as it is, which every server reads, until one of these shows that it reads ours:
///
/// * a compressed datagram of the server that we could read. From most that is VERIFY_CONNECT already: 44 bytes, of
///   which zstd 1.5.4 makes no fewer, and zlib and FastLZ sometimes;
/// * its acknowledgement of a compressed ping (`CompressionProbe`), sent with the first plain one and repeated.
///
/// Until then a compressed datagram that we cannot read means that the settings differ, and so does a server that
/// acknowledges plain pings for long and no compressed one. Later ones are merely broken.
struct CompressionAgreement {
    // Our choice.
    /// How long after each compressed ping comes the next.
    private static let interval: Milliseconds = 250
    /// How long a server that has acknowledged something may leave all of them unanswered.
    private static let patience: Milliseconds = 3000

    private let compression: Compression
    /// The server is known to read what we compress.
    private(set) var isProven = false
    /// When to look again; nil when there is nothing to find out, or no more.
    private(set) var next: Instant?
    private var patienceEnd: Instant?

    init(_ compression: Compression) {
        self.compression = compression
    }

    /// There is nothing to be found out, or no more.
    var isSettled: Bool { isProven || compression == .none }

    /// CONNECT was answered.
    mutating func begin(at clock: HostClock) {
        guard !isSettled else { return }
        next = clock.now
    }

    mutating func stop() {
        next = nil
    }

    /// Sends a compressed ping if it is time for one. The result ends the connection.
    ///
    /// - Parameter isAccepted: the server has acknowledged something.
    mutating func askIfDue(
        _ peer: PeerPointer, isAccepted: Bool, through port: HostPort, at clock: HostClock
    ) -> CompressionMismatch? {
        guard let next, next <= clock.now else { return nil }
        if isAccepted, patienceEnd == nil {
            patienceEnd = clock.now + Self.patience
        }
        if let patienceEnd, patienceEnd <= clock.now {
            return CompressionMismatch(configured: compression, finding: .serverReadsNothingCompressed)
        }
        self.next = clock.now + Self.interval
        port.outgoing.append(capacity: CompressionProbe.roomNeeded) { room in
            CompressionProbe.write(to: peer, compression, at: clock.time, into: room)
        }
        return nil
    }

    /// Takes note of a datagram that could be read, as it came.
    mutating func noteReadable(_ datagram: UnsafeRawBufferPointer) {
        guard !isSettled, let header = DatagramHeader(datagram) else { return }
        isProven = header.isCompressed || (next != nil && CompressionProbe.isAcknowledged(by: datagram, header))
        if isProven { stop() }
    }

    /// What a compressed datagram tells that could not be read; nil when it may be anybody's, or just broken.
    ///
    /// Who can forge one can end the connection more simply, by a DISCONNECT.
    func mismatch(shownBy datagram: UnsafeRawBufferPointer, to peer: PeerPointer) -> CompressionMismatch? {
        guard !isProven, let header = DatagramHeader(datagram), header.peerID == peer.pointee.incomingPeerID,
            !peer.isEstablished || header.session == peer.pointee.incomingSessionID
        else { return nil }
        let finding = Compression(of: datagram, header).map { CompressionMismatch.Finding.serverUses($0) }
        return CompressionMismatch(configured: compression, finding: finding ?? .serverUsesAnother)
    }
}
