import DTLS
import DataChannels
import Primitives
import SCTP
import SDP
import STUN

/// A browser's RTCPeerConnection with data channels, made of the gateway's own floors and driven in virtual time.
///
/// Its ICE side is in SimulatedBrowser+ICE.swift.
public final class SimulatedBrowser {
    private struct Outgoing {
        let bytes: [UInt8]
        let stream: UInt16
        let identifier: UInt32
        let isUnordered: Bool
        let reliability: PartialReliability
    }

    /// Where its datagrams come from; assign another for a NAT that forgot.
    public var address: TransportAddress
    public var transport = Transport.udp
    public let gateway: TransportAddress
    public let channels: [Channel]
    public private(set) var received: [Received] = []
    public private(set) var acknowledgedStreams: Set<UInt16> = []
    public private(set) var resetStreams: [UInt16] = []
    public private(set) var isOpen = false
    public private(set) var openedAt: Instant?
    public private(set) var end: End?
    /// Everything it was told of an end, in order.
    public private(set) var signs: [End] = []
    /// Datagrams to send to the gateway; whoever drives it sends them and empties it.
    public var outgoing: [[UInt8]] = []
    public var onMessage: ((SimulatedBrowser, Received) -> Void)?
    public var onOpen: ((SimulatedBrowser) -> Void)?
    /// Messages it still has to hand to SCTP.
    public var unsentCount: Int { unsent.count }
    /// Bytes its SCTP holds that the gateway has not acknowledged.
    public var sendBuffer: SCTPAssociation.SendBuffer? { sctp?.sendBuffer() }
    /// Bytes the page has sent and SCTP has not, on all channels together.
    public var bufferedAmount: Int {
        let waiting = sctp?.sendBuffer().map { max($0.queued - $0.congestionWindow, 0) } ?? 0
        return unsent.reduce(waiting) { $0 + $1.bytes.count }
    }
    /// Whether the page takes messages out of SCTP.
    public var reads = true {
        didSet { isTouched = true }
    }
    /// What the answer says of the largest message.
    public var answeredMaximumMessageSize: Int? { remote?.maxMessageSize }
    /// Lines of its offer besides its own.
    public var furtherLines: [String] = []
    /// Whether offer and answer have set the association up (SNAP).
    public var isAccelerated: Bool { snap.isEstablished }
    /// What its offer says in a=sctp-init instead of the truth.
    public var forgedInit: String? {
        get { snap.forgedValue }
        set { snap.forgedValue = newValue }
    }
    /// What goes in place of each SCTP packet it makes, just before DTLS seals it.
    public var forge: (([UInt8]) -> [[UInt8]])?

    var checks = CheckState()
    var credentials: ICECredentials
    var remoteCredentials: ICECredentials?
    let tieBreaker: UInt64
    var remote: DataChannelDescription?
    var random: SeededRandom

    private let context: DTLSContext
    private let setup: DTLSSetup
    private let sctpPort: UInt16
    private let offeredFingerprint: DTLSFingerprint
    private let maximumMessageSize: Int
    private var snap: SimulatedSNAP
    private var dtls: DTLSConnection?
    private var sctp: SCTPAssociation?
    private var unsent: [Outgoing] = []
    private var opening: Set<UInt16> = []
    /// Something came or was asked of it since it last settled, or waits for room.
    private var isTouched = true

    /// - Parameters:
    ///   - setup: what its offer says of DTLS roles.
    ///   - sctpPort: unlike any other association's of the process.
    ///   - fingerprint: what its offer says instead of the truth.
    public init(
        address: TransportAddress, gateway: TransportAddress, context: DTLSContext, channels: [Channel],
        setup: DTLSSetup = .actpass, sctpPort: UInt16, fingerprint: DTLSFingerprint? = nil,
        maximumMessageSize: Int = 262_144, offersSNAP: Bool = false, random: SeededRandom
    ) {
        var random = random
        self.address = address
        self.gateway = gateway
        self.context = context
        self.channels = channels
        self.setup = setup
        self.sctpPort = sctpPort
        self.maximumMessageSize = maximumMessageSize
        snap = SimulatedSNAP(isOffered: offersSNAP)
        offeredFingerprint = fingerprint ?? DTLSFingerprint(.sha256, context.certificate.fingerprint.bytes)
        credentials = ICECredentials(
            ufrag: Self.text(8, &random), password: Self.text(24, &random))
        tieBreaker = random.next()
        self.random = random
    }

    /// The offer as SDP. With SNAP the association begins with it.
    public func makeOffer() -> String {
        if snap.isOffered { sctp = makeAssociation() }
        var lines = [
            "v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)", "a=ice-options:trickle",
            "a=fingerprint:\(offeredFingerprint)", "a=setup:\(setup.rawValue)", "a=mid:0", "a=sctp-port:\(sctpPort)",
            "a=max-message-size:\(maximumMessageSize)",
        ]
        lines += snap.line(sctp).map { [$0] } ?? []
        return (lines + furtherLines).map { $0 + "\r\n" }.joined()
    }

    /// Takes the answer and begins to send checks.
    public func start(answer: String, at now: Instant) throws(SDPError) {
        let remote = try DataChannelDescription(answer: SessionDescription(parsing: answer))
        self.remote = remote
        remoteCredentials = remote.credentials
        snap.take(answer: remote, sctp)
        if !isAccelerated { sctp = nil }
        checks.begin(at: now)
    }

    public var nextDeadline: Instant? {
        guard end == nil else { return nil }
        return .earlier(.earlier(checks.next, checks.failure), dtls?.nextDeadline)
    }

    /// Whether `settle` has anything to do.
    public func needsSettling(at now: Instant) -> Bool {
        if isTouched || !outgoing.isEmpty { return true }
        // usrsctp's timers run for the whole process: whatever they do to an association makes a packet of it.
        if let sctp, !sctp.outgoing.isEmpty { return true }
        return nextDeadline.map { $0 <= now } ?? false
    }

    public func receive(_ bytes: [UInt8], at now: Instant) {
        guard end != .vanished, let first = bytes.first else { return }
        isTouched = true
        bytes.withUnsafeBytes { datagram in
            if first < 4 {
                receiveSTUN(datagram, at: now)
            } else {
                receiveDTLS(datagram, at: now)
            }
        }
    }

    /// Does what is due, takes what arrived, and fills `outgoing`.
    public func settle(at now: Instant) {
        isTouched = false
        guard end != .vanished else { return }
        if end == nil {
            dtls?.advance(to: now)
            sendChecks(at: now)
        }
        pull(at: now)
        handOver()
        seal()
    }

    // MARK: - What the page does

    public func send(
        _ bytes: [UInt8], stream: UInt16, unordered: Bool = false, reliability: PartialReliability = .reliable,
        string: Bool = false
    ) {
        isTouched = true
        let isEmpty = bytes.isEmpty
        let kind: PayloadProtocol = string ? (isEmpty ? .stringEmpty : .string) : .binary(count: bytes.count)
        unsent.append(
            Outgoing(
                bytes: isEmpty ? [0] : bytes, stream: stream, identifier: kind.rawValue, isUnordered: unordered,
                reliability: reliability))
    }

    /// Any SCTP message, also one no browser would send.
    public func sendRaw(_ bytes: [UInt8], stream: UInt16, identifier: UInt32) {
        isTouched = true
        unsent.append(
            Outgoing(bytes: bytes, stream: stream, identifier: identifier, isUnordered: false, reliability: .reliable))
    }

    /// Opens a channel in band, after the connection is open.
    public func open(_ channel: Channel) {
        opening.insert(channel.stream)
        let message = OpenMessage(reliability: channel.reliability, label: channel.label)
        sendRaw(message.serialized(), stream: channel.stream, identifier: PayloadProtocol.establishment.rawValue)
    }

    public func closeChannel(stream: UInt16) -> Bool {
        isTouched = true
        return sctp?.resetOutgoingStreams([stream]) ?? false
    }

    /// pc.close(), as Chromium does it.
    public func close() {
        sctp?.abort(reason: "")
        seal()
        dtls?.close()
        seal()
        note(.closedHere)
    }

    /// Any bytes inside DTLS, in place of an SCTP packet.
    public func sendRecord(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { _ = dtls?.send($0) }
        seal()
    }

    /// A killed tab: nothing is sent any more.
    public func vanish() {
        note(.vanished)
        end = .vanished
        dtls = nil
        sctp = nil
        outgoing.removeAll()
    }

    // MARK: - Inside

    func note(_ sign: End) {
        signs.append(sign)
        end = end ?? sign
    }

    func startDTLSIfClient(at now: Instant) {
        guard dtls == nil, let remote, remote.setup == .passive else { return }
        makeDTLS(.client)
        dtls?.start(at: now)
    }

    private func makeDTLS(_ role: DTLSConnection.Role) {
        guard let remote else { return }
        let fingerprints = remote.fingerprints.compactMap { fingerprint in
            HashAlgorithm(rawValue: fingerprint.algorithm.rawValue).map {
                CertificateFingerprint(algorithm: $0, bytes: fingerprint.bytes)
            }
        }
        dtls = try? DTLSConnection(context: context, role: role, fingerprints: fingerprints)
    }

    private func receiveDTLS(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        if dtls == nil, remote?.setup == .active { makeDTLS(.server) }
        guard let dtls else { return }
        let reception = dtls.receive(datagram, at: now)
        startSCTPIfReady()
        if reception == .record {
            while let record = dtls.nextRecord() {
                guard isAccelerated else {
                    sctp?.receive(record, at: now)
                    continue
                }
                snap.received(Array(record)).withUnsafeBytes { _ = sctp?.receive($0, at: now) }
            }
        }
        if case .closed(let reason) = dtls.state, !signs.contains(.closedHere) {
            pull(at: now)
            let sign: End = reason == .peerClosed ? .dtlsClosed : .dtlsFailed
            if !signs.contains(sign) { note(sign) }
        }
    }

    private func startSCTPIfReady() {
        guard sctp == nil, dtls?.state == .established else { return }
        sctp = makeAssociation()
        try? sctp?.connect()
    }

    private func makeAssociation() -> SCTPAssociation? {
        try? SCTPAssociation(
            stack: .shared, localPort: sctpPort, remotePort: remote?.sctpPort ?? SimulatedSNAP.assumedPort,
            maximumMessageSize: maximumMessageSize)
    }

    /// With SNAP the association is up before anything can be sent.
    private var hasDTLSBeenUp: Bool {
        switch dtls?.state {
        case .established, .closed: true
        case .handshaking, nil: false
        }
    }

    private func pull(at now: Instant) {
        while reads, hasDTLSBeenUp, let event = sctp?.nextEvent() {
            switch event {
            case .established:
                isOpen = true
                openedAt = now
                // A real page's send() throws before: whatever was queued early goes after the OPENs.
                let early = unsent
                unsent.removeAll()
                for channel in channels where !channel.isNegotiated { open(channel) }
                unsent += early
                onOpen?(self)
            case .message(let message):
                take(message, at: now)
            case .incomingStreamsReset(let streams):
                resetStreams += streams
            case .outgoingStreamsReset:
                break
            case .ended(let reason):
                switch reason {
                case .abortedByPeer: note(.aborted)
                case .shutDownByPeer: note(.shutDown)
                case .timedOut: note(.sctpTimedOut)
                case .messageTooLarge: note(.sctpRefused)
                case .abortedHere: break
                }
            }
        }
    }

    private func take(_ message: SCTPMessage, at now: Instant) {
        guard let kind = PayloadProtocol(rawValue: message.protocolIdentifier) else { return }
        switch kind {
        case .establishment:
            acknowledgedStreams.insert(message.stream)
            opening.remove(message.stream)
        case .string, .binary, .stringEmpty, .binaryEmpty:
            let isEmpty = kind == .stringEmpty || kind == .binaryEmpty
            let received = Received(
                stream: message.stream, isUnordered: message.isUnordered,
                isString: kind == .string || kind == .stringEmpty, payload: isEmpty ? [] : Array(message.payload),
                at: now)
            self.received.append(received)
            onMessage?(self, received)
        }
    }

    private func handOver() {
        guard isOpen, end == nil, let sctp else { return }
        guard sctp.flush() else {
            isTouched = true
            return
        }
        guard !unsent.isEmpty else { return }
        var busy: [Outgoing] = []
        var handed = 0
        for message in unsent {
            // RFC 8832 §6: until its OPEN is acknowledged, a channel's messages are sent in order.
            let isUnordered = message.isUnordered && !opening.contains(message.stream)
            let result = message.bytes.withUnsafeBytes {
                sctp.send(
                    $0, stream: message.stream, protocolIdentifier: message.identifier,
                    unordered: isUnordered, reliability: message.reliability)
            }
            if result == .full { break }
            // A page would have to wait for its channel to be closed.
            if result == .streamBusy { busy.append(message) }
            handed += 1
        }
        unsent.replaceSubrange(..<handed, with: busy)
        let isHandedOver = sctp.flush()
        isTouched = isTouched || !isHandedOver || !unsent.isEmpty
    }

    private func seal() {
        guard let dtls else { return }
        sctp?.outgoing.forEach { packet in
            guard forge != nil || isAccelerated else {
                dtls.send(packet)
                return
            }
            let bytes = snap.sent(Array(packet), to: remote?.sctpPort ?? 0)
            for forged in forge?(bytes) ?? [bytes] { forged.withUnsafeBytes { _ = dtls.send($0) } }
        }
        sctp?.outgoing.removeAll()
        dtls.outgoing.forEach { outgoing.append(Array($0)) }
        dtls.outgoing.removeAll()
    }

    static func text(_ length: Int, _ random: inout SeededRandom) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<64, using: &random)] })
    }
}
