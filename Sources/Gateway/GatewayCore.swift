// The product minus the world: sessions, and how bytes, times and requests find them.
//
// Left out: sockets, clock, HTTP, log and files, which are the shell's.

import Bridge
import DTLS
import Primitives
import SCTP
import SDP
import STUN
import WebRTC

/// Every session of one gateway as one machine.
///
/// Feed it datagrams, times and requests; then call `settle` once, do what the outbox says, and come back at
/// `nextDeadline` at the latest. It must be used from one thread at a time, because usrsctp must.
public final class GatewayCore {
    public private(set) var configuration: GatewayConfiguration
    /// Drops that belong to no session: strangers, mostly.
    public private(set) var drops = DropCounters()
    /// What ended sessions carried.
    public private(set) var totals = SessionCounters()
    public private(set) var isStopping = false

    private let context: DTLSContext
    private let stack: SCTPStack
    private var random: any RandomNumberGenerator
    /// Not private, like the three below, so that tests see that nothing is left behind.
    private(set) var sessions = SessionTable()
    private var ended = EndedSessions()
    private(set) var peerIDs: [String: PeerIDs] = [:]
    private(set) var ports = SCTPPorts()
    private(set) var deadlines = DeadlineHeap()
    /// Sessions with something to settle, each once, in order.
    private var dirty: [SessionSlot] = []
    private var dirtySet: Set<SessionSlot> = []

    /// - Parameter random: a cryptographically strong generator, but in simulations.
    public init(
        configuration: GatewayConfiguration, context: DTLSContext, stack: SCTPStack,
        random: any RandomNumberGenerator
    ) {
        self.configuration = configuration
        self.context = context
        self.stack = stack
        self.random = random
    }

    public var sessionCount: Int { sessions.count }

    /// When `advance(to:)` wants to be called; nil when nothing waits for time.
    public var nextDeadline: Instant? {
        [deadlines.earliest(), stack.nextDeadline].compactMap { $0 }.min()
    }

    // MARK: - Requests

    /// Makes a session and the answer to its offer.
    public func join(_ request: JoinRequest, at now: Instant, into outbox: inout Outbox) throws(JoinRefusal)
        -> JoinAnswer
    {
        guard !isStopping else { throw .stopping }
        guard let route = configuration.routes[request.route] else { throw .routeUnknown(request.route) }
        guard sessions.count < configuration.sessionLimit, let port = ports.claim() else { throw .full }
        let peerID: UInt32?
        do throws(JoinRefusal) {
            peerID = try claimPeerID(request.peerID, on: route)
        } catch {
            ports.release(port)
            throw error
        }
        let credentials = unusedCredentials()
        let answer = makeAnswer(request.offer, credentials, port)
        let peer = PeerConnection(
            parameters: parameters(request.offer, credentials, port, setup: answer.setup, route.profile),
            context: context,
            stack: stack, at: now)
        let session = Session(
            id: SessionID(using: &random), slot: sessions.reserveSlot(), route: route, peerID: peerID, peer: peer,
            offer: request.offer, limits: configuration, at: now)
        sessions.insert(session)
        deadlines.set(session.nextDeadline, for: session.slot)
        outbox.events.append(session.event(.joined(peerID: peerID)))
        return JoinAnswer(
            session: session.id, sdp: answer.serialized(sessionID: random.next()), peerID: peerID,
            iceTag: session.iceTag)
    }

    /// Takes what a page sends after its offer: candidates, which need no answer, or an ICE restart.
    ///
    /// - Parameter iceTag: the ICE session the page means, as the last answer named it; nil for whichever there is,
    ///   which only a restart may say (RFC 9725 §4.3).
    public func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?, at now: Instant
    ) throws(UpdateRefusal) -> ICEUpdate {
        guard let session = sessions[id], !session.isOver else { throw .sessionUnknown }
        guard iceTag == nil || iceTag == session.iceTag else { throw .outdated }
        guard fragment.credentials != session.remoteCredentials else {
            guard iceTag != nil else { throw .outdated }
            return .candidatesNoted
        }
        let before = session.peer.agent.ufrags
        let credentials = unusedCredentials()
        session.remoteCredentials = fragment.credentials
        session.peer.restartICE(ufrag: credentials.ufrag, password: credentials.password)
        sessions.updateUfrags(of: session, before: before)
        let answer = ICERestartAnswer(
            credentials: credentials, candidates: IceCandidate.hosts(configuration.advertised), mid: session.mid)
        return .restarted(sdp: answer.serialized(), iceTag: session.iceTag)
    }

    /// Ends a session because the page asks; false when there is none of that id.
    public func leave(_ id: SessionID, at now: Instant) -> Bool {
        guard let session = sessions[id] else { return false }
        session.end(.playerLeft, at: now)
        touch(session.slot)
        return true
    }

    /// What a page may know of its session.
    public func status(of id: SessionID) -> SessionStatus? {
        if let session = sessions[id] { return session.status }
        return ended[id].map { .ended($0) }
    }

    /// Takes no new sessions and ends the present ones; `sessionCount` falls to 0 within the farewell timeout.
    public func stop(at now: Instant) {
        isStopping = true
        for session in sessions.live {
            session.end(.gatewayStopping, at: now)
            touch(session.slot)
        }
    }

    // MARK: - Bytes

    /// Takes one datagram from the shared port.
    public func receive(
        _ datagram: UnsafeRawBufferPointer, from source: TransportAddress, at now: Instant, into outbox: inout Outbox
    ) {
        guard let first = datagram.first else { return drops.count(.datagramEmpty) }
        switch DatagramKind(firstByte: first) {
        case .stun: receiveCheck(datagram, from: source, at: now, into: &outbox)
        case .dtls: receiveDTLS(datagram, from: source, at: now)
        case .unknown: drops.count(.datagramFirstByteUnknown)
        }
    }

    /// Takes one datagram from a session's server.
    public func receive(_ datagram: UnsafeRawBufferPointer, fromServerOf slot: SessionSlot, at now: Instant) {
        guard let session = sessions[slot], let server = session.server else { return drops.count(.sessionUnknown) }
        do throws(DropReason) {
            try server.receive(datagram, at: now)
            session.noteServerSpoke(at: now)
            touch(slot)
        } catch {
            session.counters.drops.count(error)
        }
    }

    /// The operating system says that nothing listens at a session's server (ICMP port unreachable).
    public func serverRefusedDatagram(of slot: SessionSlot, at now: Instant) {
        guard let session = sessions[slot] else { return }
        // ICMP can be forged, and a server may be about to start again: only a join believes it.
        guard case .connecting = session.phase else { return }
        session.serverLeft(.serverNotThere, at: now)
        touch(slot)
    }

    /// A datagram was too large for the shell's buffers.
    public func noteDrop(_ reason: DropReason) {
        drops.count(reason)
    }

    // MARK: - Time

    public func advance(to now: Instant) {
        if let deadline = stack.nextDeadline, deadline <= now {
            stack.advance(to: now)
        }
        while let slot = deadlines.popExpired(at: now) {
            touch(slot)
        }
    }

    /// Lets messages cross in every session that was touched, and fills the outbox. True when there is more to do at
    /// once: call again after the outbox is done.
    public func settle(at now: Instant, into outbox: inout Outbox) -> Bool {
        touchAssociations()
        let turn = dirty
        dirty.removeAll(keepingCapacity: true)
        dirtySet.removeAll(keepingCapacity: true)
        for slot in turn {
            guard let session = sessions[slot] else { continue }
            let hasMore = session.settle(at: now, random: &random, into: &outbox)
            if let reason = session.endReason {
                remove(session, reason, at: now, into: &outbox)
            } else {
                deadlines.set(session.nextDeadline, for: slot)
                if hasMore { touch(slot) }
            }
        }
        stack.startTicking(at: now)
        // usrsctp may have made packets for an association while another was fed.
        touchAssociations()
        return !dirty.isEmpty
    }

    private func touch(_ slot: SessionSlot) {
        guard dirtySet.insert(slot).inserted else { return }
        dirty.append(slot)
    }

    private func touchAssociations() {
        for association in stack.takeTouched() {
            guard let session = sessions[association] else { continue }
            touch(session.slot)
        }
    }
}

// MARK: - Inside

extension GatewayCore {
    private func receiveCheck(
        _ datagram: UnsafeRawBufferPointer, from source: TransportAddress, at now: Instant, into outbox: inout Outbox
    ) {
        let check: STUNMessage
        do throws(DropReason) {
            check = try STUNMessage(parsing: datagram)
        } catch {
            return drops.count(error)
        }
        guard let username = check.username else { return drops.count(.stunUsernameMissing) }
        guard let session = sessions.session(of: username) else { return drops.count(.stunUsernameUnknown) }
        let addressesBefore = session.peer.agent.validated
        let ufragsBefore = session.peer.agent.ufrags
        let wasReached = session.peer.agent.selected != nil
        switch session.peer.receive(check: check, from: source, at: now, into: &outbox.toBrowsers) {
        case .refused(let reason):
            drops.count(reason)
        case .valid(let isNew, let isSelected):
            if isNew || sessions[source]?.slot != session.slot {
                sessions.bind(source, to: session, before: addressesBefore)
            }
            if isSelected {
                outbox.events.append(session.event(wasReached ? .moved(source) : .reached(source)))
            }
            if ufragsBefore.count > 1 {
                sessions.updateUfrags(of: session, before: ufragsBefore)
            }
            touch(session.slot)
        }
    }

    private func receiveDTLS(_ datagram: UnsafeRawBufferPointer, from source: TransportAddress, at now: Instant) {
        guard let session = sessions[source] else { return drops.count(.datagramFromStranger) }
        let hadAssociation = session.peer.associationIdentifier != nil
        if let reason = session.peer.receive(dtlsDatagram: datagram, at: now) {
            session.counters.drops.count(reason)
        }
        if !hadAssociation, let association = session.peer.associationIdentifier {
            sessions.bind(association: association, to: session)
        }
        touch(session.slot)
    }

    private func claimPeerID(_ wanted: UInt32?, on route: Route) throws(JoinRefusal) -> UInt32? {
        guard route.profile.usesPeerID else {
            guard wanted == nil else { throw .peerIDNotUsed(route: route.name) }
            return nil
        }
        return try peerIDs[route.name, default: PeerIDs()].claim(wanted, using: &random)
    }

    private func unusedCredentials() -> ICECredentials {
        var credentials = LocalCredentials.make(using: &random)
        while sessions.hasUfrag(credentials.ufrag) {
            credentials = LocalCredentials.make(using: &random)
        }
        return credentials
    }

    private func makeAnswer(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16
    ) -> DataChannelAnswer {
        DataChannelAnswer(
            to: offer, credentials: credentials,
            fingerprint: DTLSFingerprint(.sha256, context.certificate.fingerprint.bytes),
            // Both roles open in as many round trips when the gateway sends its own INIT; as server it needs no
            // retransmission timer of its own before the browser's first flight.
            setup: offer.setup.answer(preferring: .passive),
            candidates: IceCandidate.hosts(configuration.advertised), sctpPort: port)
    }

    private func parameters(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16, setup: DTLSSetup,
        _ profile: Profile
    ) -> PeerParameters {
        PeerParameters(
            localUfrag: credentials.ufrag, localPassword: credentials.password,
            fingerprints: offer.fingerprints.compactMap { fingerprint in
                HashAlgorithm(rawValue: fingerprint.algorithm.rawValue).map {
                    CertificateFingerprint(algorithm: $0, bytes: fingerprint.bytes)
                }
            },
            role: setup == .active ? .client : .server, localPort: port, remotePort: offer.sctpPort,
            remoteMaximumMessageSize: offer.maxMessageSize,
            localMaximumMessageSize: DataChannelAnswer.defaultMaxMessageSize, streamCount: profile.streamCount)
    }

    private func remove(_ session: Session, _ reason: EndReason, at now: Instant, into outbox: inout Outbox) {
        session.discardWhatWaits()
        let counters = session.totals
        totals.add(counters)
        if session.server != nil {
            outbox.closings.append(session.slot)
        }
        if let peerID = session.peerID {
            peerIDs[session.route.name]?.release(peerID)
        }
        ports.release(session.peer.parameters.localPort)
        deadlines.set(nil, for: session.slot)
        sessions.remove(session)
        ended.append(session.id, reason)
        outbox.events.append(
            session.event(.ended(reason, after: now.since(session.startedAt), counters: counters)))
    }
}
