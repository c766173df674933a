// ICE, DTLS, SCTP and data channels as one machine (RFC 8825 for the whole, RFC 8831 for the stack).
//
// Left out: media, and renegotiation; one offer and one answer make one connection with data channels only.

import Capture
import DTLS
import DataChannels
import ICE
import Primitives
import SCTP
import STUN

/// The gateway's end of one RTCPeerConnection.
///
/// Datagrams and checks are fed in; `nextEvent()` is pulled until nil; then `settle` is called once, which seals
/// everything that has piled up and puts it in the outbox. DTLS state is made on the first valid check and SCTP state
/// when DTLS is up, so that a session nobody comes for costs next to nothing. Where the offer has an SCTP INIT (SNAP),
/// the association is made with the answer, and opens as soon as DTLS is up.
public final class PeerConnection {
    public typealias Outbox = AddressedPackets<Path>

    public private(set) var agent: ICELiteAgent
    public private(set) var channels: DataChannelTable
    public private(set) var phase = PeerPhase.ice
    public let parameters: PeerParameters
    /// Our SCTP INIT, for the answer, if the association is set up by it and not on the wire.
    public private(set) var localInit: InitChunk?
    /// SCTP packets as they came out of DTLS and as they went into it, since its owner last emptied it; nil while nobody
    /// wants to know. Bounded by that: the owner empties it after every `receive` and `settle`.
    public var tap: PacketTap?

    private let context: DTLSContext
    private let stack: SCTPStack
    private var dtls: DTLSConnection?
    private var sctp: SCTPAssociation?
    /// When DTLS's first datagram was sent or came.
    private var handshakeBegan: Instant?
    /// Streams whose DATA_CHANNEL_ACK found the send buffer full.
    private var pendingAcknowledgements: Set<UInt16> = []
    /// Closed channels that `nextEvent()` has not told of yet, the next last.
    private var closedChannels: [DataChannelTable.Channel] = []
    private var endReason: PeerEndReason?
    private var reportedEnd = false

    // Our choice.
    /// Datagrams that wait while there is no path to the browser: about one initial congestion window.
    static let waitingLimit = 16

    public init(parameters: PeerParameters, context: DTLSContext, stack: SCTPStack, at now: Instant) {
        self.parameters = parameters
        self.context = context
        self.stack = stack
        agent = ICELiteAgent(ufrag: parameters.localUfrag, password: parameters.localPassword, at: now)
        // RFC 8832 §6: a DTLS client opens even streams.
        channels = DataChannelTable(
            limit: parameters.channelLimit, peersParity: parameters.role == .server ? .even : .odd)
        if let remoteInit = parameters.remoteInit {
            establishSCTP(with: remoteInit)
        }
    }

    /// What `SCTPStack.drainTouched` calls this connection's association; nil before there is one.
    public var associationIdentifier: AssociationID? { sctp?.identifier }

    /// When `advance(to:)` wants to be called. SCTP's timers are the stack's and not counted here.
    public var nextDeadline: Instant? {
        let next = dtls?.nextDeadline
        // While it waits for DTLS, and when all is over, nothing of SCTP's is to be hurried.
        return phase == .sctp || phase == .open ? .earlier(next, sctp?.nextDeadline) : next
    }

    /// The sending side of the association; nil before it is up.
    public var sendBuffer: SCTPAssociation.SendBuffer? { phase == .open ? sctp?.sendBuffer() : nil }

    /// Chunks of unreliable messages that were sent and given up; nil before the association is up.
    public var abandonedChunks: UInt64? { phase == .open ? sctp?.abandonedChunks : nil }

    /// Streams there are towards the browser; 0 before SCTP is up.
    public var outboundStreams: UInt16 { sctp?.outboundStreams ?? 0 }

    /// Takes a connectivity check whose USERNAME names this connection.
    public func receive(
        check: STUNMessage, from source: Path, at now: Instant, into outbox: inout Outbox
    ) -> ICELiteAgent.Outcome {
        var response: [UInt8] = []
        let outcome = agent.receive(check, from: source, at: now, response: &response)
        if !response.isEmpty {
            outbox.append(response, to: source)
        }
        // DTLS may start on any valid check: waiting for the nomination would cost Chromium's users 50 ms.
        if case .valid = outcome {
            // As often as the browser checks its path, every few seconds: who says nothing needs no ciphers meanwhile.
            phase == .ice ? startDTLS(at: now) : dtls?.restIfIdle()
        }
        return outcome
    }

    /// Restarts ICE with new credentials of ours; DTLS, SCTP and the channels go on.
    public func restartICE(ufrag: String, password: String) {
        agent.restart(ufrag: ufrag, password: password)
    }

    /// Forgets a path that is gone; data goes to another that was checked, or waits for the next check.
    public func forget(_ path: Path) {
        agent.forget(path)
    }

    /// Takes a DTLS datagram from a path that passed a check. Returns why it was of no use, if it was.
    public func receive(dtlsDatagram datagram: UnsafeRawBufferPointer, at now: Instant) -> DropReason? {
        guard let dtls else { return endReason == nil ? .datagramBeforeValidCheck : .sessionEnding }
        handshakeBegan = handshakeBegan ?? now
        switch dtls.receive(datagram, at: now) {
        case .handshake:
            startSCTPIfReady(at: now)
        case .record:
            startSCTPIfReady(at: now)
            var drop: DropReason?
            while let record = dtls.nextRecord() {
                tap?.append(record, .received)
                drop = sctp?.receive(record, at: now) ?? drop
            }
            noteDTLSEnd()
            return drop
        case .rejected:
            return .dtlsRecordRejected
        case .closed:
            noteDTLSEnd()
        }
        return nil
    }

    /// The next thing that happened, or nil. A message stays unread in SCTP until this is called, which is the
    /// back-pressure towards the browser.
    public func nextEvent() -> PeerEvent? {
        if let channel = closedChannels.popLast() { return .channelClosed(channel) }
        while hasDTLSBeenUp, let event = sctp?.nextEvent() {
            if let event = translate(event) { return event }
        }
        guard let endReason, !reportedEnd else { return nil }
        reportedEnd = true
        return .ended(endReason)
    }

    /// Queues one message for the browser. Binary; an empty payload goes as WebRTC's empty message.
    public func send(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, unordered: Bool, reliability: PartialReliability
    ) -> SCTPSendResult {
        guard let sctp, payload.count <= parameters.remoteMaximumMessageSize else { return .refused }
        // The ACK goes first.
        guard !pendingAcknowledgements.contains(stream) else { return .streamBusy }
        let identifier = PayloadProtocol.binary(count: payload.count).rawValue
        guard payload.count == 0 else {
            return sctp.send(
                payload, stream: stream, protocolIdentifier: identifier, unordered: unordered,
                reliability: reliability)
        }
        let zero: [UInt8] = [0]
        return zero.withUnsafeBytes {
            sctp.send(
                $0, stream: stream, protocolIdentifier: identifier, unordered: unordered, reliability: reliability)
        }
    }

    /// Makes a channel that the page opened with `negotiated: true` known.
    @discardableResult
    public func openNegotiated(
        stream: UInt16, label: String, reliability: ChannelReliability
    ) -> DataChannelTable.Channel? {
        channels.openNegotiated(stream: stream, label: label, reliability: reliability)
    }

    /// Ends the connection: SCTP ABORT with the reason, then close_notify. Browsers then close their channels at
    /// once; after an SCTP SHUTDOWN Chromium would leave them open. Call `settle` to send both.
    ///
    /// Also after the peer ended it: whichever of the two messages it has not said itself may still have to be heard.
    public func close(reason: String) {
        sctp?.abort(reason: reason)
        sealPackets()
        dtls?.close()
        end(.closedHere)
    }

    public func advance(to now: Instant) {
        dtls?.advance(to: now)
        if phase == .sctp || phase == .open { sctp?.advance(to: now) }
        noteDTLSEnd()
    }

    /// Seals what has piled up and hands it out, addressed to where the browser is. While that is nowhere a little waits
    /// for the browser to come back; more is lost as a network loses it, which DTLS and SCTP repair.
    public func settle(into outbox: inout Outbox) {
        retryAcknowledgements()
        sctp?.flush()
        sealPackets()
        guard let dtls else { return }
        if let path = agent.selected {
            outbox.take(&dtls.outgoing, to: path)
        } else if dtls.outgoing.count > Self.waitingLimit {
            dtls.outgoing.removeAll()
        }
    }

    private func startDTLS(at now: Instant) {
        do throws(DTLSSetupError) {
            let dtls = try DTLSConnection(
                context: context, role: parameters.role, fingerprints: parameters.fingerprints)
            self.dtls = dtls
            phase = .dtls
            if parameters.role == .client { handshakeBegan = now }
            dtls.start(at: now)
        } catch {
            end(.setupFailed(error.description))
        }
    }

    private func startSCTPIfReady(at now: Instant) {
        guard phase == .dtls, dtls?.state == .established else { return }
        phase = .sctp
        // An association made by SNAP has waited for this.
        if let sctp { return sctp.hurrySetup(roundTrip: handshakeRoundTrip(at: now), at: now) }
        do throws(SCTPSetupError) {
            let sctp = try makeAssociation()
            self.sctp = sctp
            sctp.hurrySetup(roundTrip: handshakeRoundTrip(at: now), at: now)
            try sctp.connect()
        } catch {
            end(.setupFailed(error.description))
        }
    }

    /// What a round trip took in the handshake that has just ended: as server there was one of them, as client two.
    private func handshakeRoundTrip(at now: Instant) -> Milliseconds {
        let whole = handshakeBegan.map { now.since($0) } ?? 0
        return parameters.role == .server ? whole : Milliseconds(nanoseconds: whole.nanoseconds / 2)
    }

    private func makeAssociation() throws(SCTPSetupError) -> SCTPAssociation {
        try SCTPAssociation(
            stack: stack, localPort: parameters.localPort, remotePort: parameters.remotePort,
            maximumMessageSize: parameters.localMaximumMessageSize, streamCount: parameters.streamCount)
    }

    /// SNAP. Where it fails, the association is set up on the wire when DTLS is up, as though nothing had been offered.
    private func establishSCTP(with remoteInit: InitChunk) {
        guard let sctp = try? makeAssociation(), let localInit = try? sctp.makeInit(),
            sctp.establish(ours: localInit, peer: remoteInit)
        else { return }
        self.sctp = sctp
        self.localInit = localInit
    }

    /// Whether what SCTP says may be told: with SNAP the association is up before anybody has come.
    private var hasDTLSBeenUp: Bool {
        switch phase {
        case .ice, .dtls: false
        case .sctp, .open, .ended: true
        }
    }

    private func noteDTLSEnd() {
        guard endReason == nil, case .closed(let reason)? = dtls?.state else { return }
        switch reason {
        case .peerClosed, .closedHere: end(.closedByPeer)
        case .fingerprintMismatch: end(.fingerprintMismatch)
        case .certificateRefused(let words), .failed(let words): end(.dtlsFailed(words))
        }
    }

    private func end(_ reason: PeerEndReason) {
        endReason = endReason ?? reason
        phase = .ended
    }

    private func sealPackets() {
        guard let sctp, !sctp.outgoing.isEmpty else { return }
        // Before DTLS is up there is nobody to hear it: that can only be the ABORT of a close.
        if let dtls {
            sctp.outgoing.forEach { packet in
                tap?.append(packet, .sent)
                dtls.send(packet)
            }
        }
        sctp.outgoing.removeAll()
    }
}

// MARK: - Data channels

extension PeerConnection {
    private func translate(_ event: SCTPEvent) -> PeerEvent? {
        switch event {
        case .established(let inbound, let outbound):
            // The peer may have gone again before this was read.
            guard endReason == nil else { return nil }
            phase = .open
            return .opened(inboundStreams: inbound, outboundStreams: outbound)
        case .message(let message):
            return translate(message)
        case .incomingStreamsReset(let streams):
            return receiveReset(of: streams)
        case .outgoingStreamsReset:
            return nil
        case .ended(let reason):
            end(PeerEndReason(reason))
            return nil
        }
    }

    private func translate(_ message: SCTPMessage) -> PeerEvent {
        do throws(DropReason) {
            switch try channels.receive(
                message.payload, stream: message.stream, protocolIdentifier: message.protocolIdentifier)
            {
            case .opened(let channel):
                acknowledgeOpen(on: message.stream)
                return .channelOpened(channel)
            case .refused(let reason, let closed):
                // RFC 8832 §6: a reset without an ACK tells the sender.
                resetStreams([message.stream])
                if let closed { closedChannels.append(closed) }
                return .dropped(reason)
            case .message(let stream, let isString, let payload):
                return .message(
                    stream: stream, isUnordered: message.isUnordered, isString: isString, dueAt: message.dueAt,
                    payload: payload)
            }
        } catch {
            return .dropped(error)
        }
    }

    private func acknowledgeOpen(on stream: UInt16) {
        pendingAcknowledgements.insert(stream)
        retryAcknowledgements()
    }

    /// A stream that is still being reset from before takes its ACK afterwards.
    private func retryAcknowledgements() {
        guard !pendingAcknowledgements.isEmpty else { return }
        for stream in pendingAcknowledgements.sorted() {
            let result = DataChannelTable.acknowledgement.withUnsafeBytes {
                sctp?.send(
                    $0, stream: stream, protocolIdentifier: PayloadProtocol.establishment.rawValue, unordered: false,
                    reliability: .reliable)
            }
            guard result != .full else { return }
            if result != .streamBusy { pendingAcknowledgements.remove(stream) }
        }
    }

    /// RFC 8831 §6.7: the peer closed its side; we close ours, and the stream may be used again. None named is all.
    private func receiveReset(of streams: [UInt16]) -> PeerEvent? {
        if streams.isEmpty {
            let closed = channels.receiveResetOfAll()
            resetStreams(closed.map(\.stream))
            closedChannels = closed.reversed()
        }
        for stream in streams.reversed() {
            guard case .byPeer(let channel) = channels.receiveReset(of: stream) else { continue }
            resetStreams([stream])
            if let channel { closedChannels.append(channel) }
        }
        return closedChannels.popLast().map { .channelClosed($0) }
    }

    private func resetStreams(_ streams: [UInt16]) {
        pendingAcknowledgements.subtract(streams)
        sctp?.resetOutgoingStreams(streams)
    }
}

extension PeerEndReason {
    init(_ reason: SCTPEndReason) {
        switch reason {
        case .abortedByPeer, .shutDownByPeer: self = .closedByPeer
        case .timedOut: self = .sctpTimedOut
        case .messageTooLarge: self = .messageTooLarge
        case .abortedHere: self = .closedHere
        }
    }
}
