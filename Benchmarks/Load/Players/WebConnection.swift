import DTLS
import DataChannels
import Glibc
import Primitives
import SCTP
import SDP

/// A browser's connection with one data channel, made of the gateway's own floors. Tests/Support/Simulation has one that
/// can do more; this one is for thousands at a time: a message is copied once each way, and nothing is kept.
///
/// It is on SCTP's port 5000 to the other side, as browsers are, and on one of its own to usrsctp, which finds
/// associations by that. Left out: SNAP, SPED, closing channels.
final class WebConnection {
    let offer: String
    /// Called with each message; its bytes are valid until it returns.
    var onMessage: ((UnsafeRawBufferPointer) -> Void)?
    /// The other side has acknowledged the channel, as Firefox awaits, or needs not to, as it is agreed on beforehand.
    private(set) var isOpen = false
    private(set) var end: String?

    private let context: DTLSContext
    private let localPort: UInt16
    private let traffic: Traffic
    private let isNegotiated: Bool
    private var checks: ConnectivityChecks
    private var remote: DataChannelDescription?
    private var dtls: DTLSConnection?
    private var sctp: SCTPAssociation?
    private var isTouched = false

    private static let stream: UInt16 = 0
    /// What every browser's offer says.
    private static let publicPort: UInt16 = 5000
    private static let maximumMessageSize = 262_144

    init(context: DTLSContext, localPort: UInt16, traffic: Traffic, isNegotiated: Bool) {
        self.context = context
        self.isNegotiated = isNegotiated
        self.localPort = localPort
        self.traffic = traffic
        checks = ConnectivityChecks()
        let fingerprint = DTLSFingerprint(.sha256, context.certificate.fingerprint.bytes)
        offer = [
            "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:\(checks.own.ufrag)", "a=ice-pwd:\(checks.own.password)", "a=ice-options:trickle",
            "a=fingerprint:\(fingerprint)", "a=setup:actpass", "a=mid:0", "a=sctp-port:\(Self.publicPort)",
            "a=max-message-size:\(Self.maximumMessageSize)",
        ].map { $0 + "\r\n" }.joined()
    }

    func start(_ answer: DataChannelDescription, at now: Instant) {
        remote = answer
        checks.begin(with: answer.credentials, at: now)
        isTouched = true
    }

    /// When `settle` is next due; at once where there is something to do already.
    var nextDeadline: Instant? {
        guard end == nil else { return nil }
        // usrsctp's timers run for the whole process: whatever they do to an association makes a packet of it.
        if isTouched || sctp?.outgoing.isEmpty == false { return .zero }
        return .earlier(checks.next, dtls?.nextDeadline)
    }

    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard end == nil, let first = datagram.first else { return }
        isTouched = true
        // RFC 7983 §7.
        if first < 4 {
            checks.receive(datagram, at: now)
        } else {
            receiveDTLS(datagram, at: now)
        }
    }

    /// False before the channel is open and while there is no room.
    func send(_ message: UnsafeRawBufferPointer) -> Bool {
        guard isOpen, end == nil, let sctp else { return false }
        isTouched = true
        let result = sctp.send(
            message, stream: Self.stream, protocolIdentifier: PayloadProtocol.binary(count: message.count).rawValue,
            unordered: traffic == .state, reliability: traffic == .state ? .retransmissions(0) : .reliable)
        return result == .accepted
    }

    /// Does what is due, takes what arrived, and hands on what there is to send.
    func settle(at now: Instant, _ transmit: (UnsafeRawBufferPointer) -> Void) {
        isTouched = false
        if end == nil {
            dtls?.advance(to: now)
            checks.advance(to: now)
            if checks.isAnswered, dtls == nil { startDTLS(at: now) }
            if checks.hasFailed(at: now) { end = "no check was answered" }
        }
        pull()
        if let sctp, !sctp.flush() { isTouched = true }
        seal()
        checks.outgoing.forEach { check in check.withUnsafeBytes(transmit) }
        checks.outgoing.removeAll(keepingCapacity: true)
        dtls?.outgoing.forEach(transmit)
        dtls?.outgoing.removeAll()
    }

    /// pc.close(), as Chromium does it: the next `settle` says so to the other side.
    func close() {
        guard end == nil else { return }
        sctp?.abort(reason: "")
        seal()
        dtls?.close()
        end = "closed here"
    }

    // MARK: - Inside

    private func startDTLS(at now: Instant) {
        guard let remote else { return }
        let fingerprints = remote.fingerprints.compactMap { fingerprint in
            HashAlgorithm(rawValue: fingerprint.algorithm.rawValue).map {
                CertificateFingerprint(algorithm: $0, bytes: fingerprint.bytes)
            }
        }
        let role: DTLSConnection.Role = remote.setup == .passive ? .client : .server
        dtls = try? DTLSConnection(context: context, role: role, fingerprints: fingerprints)
        dtls?.start(at: now)
    }

    private func receiveDTLS(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard let dtls else { return }
        let reception = dtls.receive(datagram, at: now)
        if sctp == nil, dtls.state == .established { connect() }
        if reception == .record {
            while let record = dtls.nextRecord() {
                WirePacket.copy(record, destination: localPort) { _ = sctp?.receive($0, at: now) }
            }
        }
        if case .closed(let reason) = dtls.state {
            pull()
            end = end ?? "\(reason)"
        }
    }

    private func connect() {
        sctp = try? SCTPAssociation(
            stack: .shared, localPort: localPort, remotePort: remote?.sctpPort ?? Self.publicPort,
            maximumMessageSize: Self.maximumMessageSize)
        try? sctp?.connect()
    }

    private func pull() {
        while let event = sctp?.nextEvent() {
            switch event {
            case .established: if isNegotiated { isOpen = true } else { openChannel() }
            case .message(let message):
                if PayloadProtocol(rawValue: message.protocolIdentifier) == .establishment {
                    isOpen = true
                } else {
                    onMessage?(message.payload)
                }
            case .incomingStreamsReset, .outgoingStreamsReset: break
            case .ended(let reason): end = end ?? "\(reason)"
            }
        }
    }

    private func openChannel() {
        let reliability = ChannelReliability(
            isOrdered: traffic == .bulk, limit: traffic == .bulk ? .none : .retransmissions(0))
        // Its label is the number of ENet's channel.
        OpenMessage(reliability: reliability, label: "0").serialized().withUnsafeBytes {
            _ = sctp?.send(
                $0, stream: Self.stream, protocolIdentifier: PayloadProtocol.establishment.rawValue, unordered: false,
                reliability: .reliable)
        }
    }

    private func seal() {
        guard let dtls, let sctp else { return }
        sctp.outgoing.forEach { packet in
            WirePacket.copy(packet, source: Self.publicPort) { _ = dtls.send($0) }
        }
        sctp.outgoing.removeAll()
    }
}
