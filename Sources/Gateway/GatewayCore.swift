// The product minus the world: sessions, and how bytes, times and requests find them.
//
// Left out: sockets, clock, HTTP, log and files, which are the shell's.

import Bridge
import DTLS
import ENet
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
    /// As it was told last, but for servers that moved and addresses that changed since.
    public internal(set) var configuration: GatewayConfiguration
    /// Drops that belong to no session: strangers, mostly.
    public private(set) var drops = DropCounters()
    public internal(set) var service = ServiceState.serving
    /// As the shell last saw it.
    public var shortage: Shortage?
    /// Every configured route's servers, by route.
    var pools: [String: ServerPool]

    /// Not private, so that tests see what becomes of contexts.
    private(set) var certificates: CertificateRotation
    var routesInUse: RoutesInUse
    private let stack: SCTPStack
    private let hostMemory = HostMemory()
    var random: any RandomNumberGenerator
    /// Not private, like the three below, so that tests see that nothing is left behind.
    let sessions = SessionTable()
    public private(set) var ended = EndedSessions()
    var peerIDs: [String: PeerIDs] = [:]
    private(set) var ports = SCTPPorts()
    var joins = JoinLimit()
    var overall: OverallLimits
    var refusals: [JoinRefusal.Kind: UInt64] = [:]
    private(set) var deadlines = DeadlineHeap()
    var captures = CaptureTable()
    /// Sessions' turns in `settle` so far. Without one, nothing inside has changed but by bytes and requests.
    private(set) var turns: UInt64 = 0
    /// Sessions with something to settle, each once, in order (Touching.swift).
    var dirty: [SessionSlot] = []
    /// Those whose turn it is; kept for its memory.
    private var turn: [SessionSlot] = []

    /// - Parameters:
    ///   - random: a cryptographically strong generator, but in simulations.
    ///   - contextMade: when `context` was made.
    ///   - makeContext: makes the next, with a certificate of its own.
    /// - Throws: when OpenSSL cannot verify a route's server as it should.
    public init(
        configuration: GatewayConfiguration, context: DTLSContext, stack: SCTPStack,
        random: any RandomNumberGenerator, contextMade: Instant = .zero,
        makeContext: @escaping () throws(DTLSSetupError) -> DTLSContext = { () throws(DTLSSetupError) in
            try DTLSContext(certificate: try Certificate())
        }
    ) throws(DTLSSetupError) {
        self.configuration = configuration
        pools = configuration.routes.mapValues { ServerPool($0.servers, $0.pool) }
        routesInUse = try RoutesInUse(configuration.routes.values)
        certificates = CertificateRotation(
            context, made: contextMade, lifetime: configuration.certificateLifetime, make: makeContext)
        overall = OverallLimits(configuration.rates)
        self.stack = stack
        self.random = random
    }

    public var sessionCount: Int { sessions.count }
    public var joiningCount: Int { overall.joining }
    var statistics: SCTPStatistics { stack.statistics }

    /// When `advance(to:)` wants to be called; nil when nothing waits for time.
    public var nextDeadline: Instant? {
        .earlier(
            .earlier(deadlines.earliest, stack.nextDeadline), .earlier(service.deadline, captures.nextDeadline))
    }

    // MARK: - Requests

    /// What `join` does, but for counting refusals.
    func makeSession(
        for request: JoinRequest, at now: Instant, into outbox: inout Outbox
    ) throws(JoinRefusal) -> JoinAnswer {
        if let refusal = service.refusal ?? shortage.map(JoinRefusal.shortage) { throw refusal }
        guard let route = configuration.routes[request.route] else { throw .routeUnknown(request.route) }
        guard sessions.count < configuration.sessionLimit, let port = ports.claim() else { throw .full }
        let (peerID, server): (UInt32?, RouteServer)
        let source = JoinLimit.source(of: request.source)
        do throws(JoinRefusal) {
            (peerID, server) = try claim(request, on: route, from: source, at: now)
        } catch {
            ports.release(port)
            throw error
        }
        certificates.renew(at: now, lifetime: configuration.certificateLifetime)
        let credentials = unusedCredentials()
        // An INIT that cannot be used counts as none (see DataSection.sctpInit).
        let remoteInit = request.offer.sctpInit.flatMap { InitChunk(parsing: $0) }
        // With SNAP Chromium's channels open in 2.1 round trips when the gateway is DTLS client, whose first flight goes
        // out beside the first check's response, and in 3.1 when it is server. Without, both take 4.1, because the
        // gateway sends its own INIT; then the server is the better one to be: it needs no retransmission timer before
        // the browser's first flight, and a browser with SPED opens in 3.7 (Benchmarks/round-trips.md).
        let setup = request.offer.setup.answer(preferring: remoteInit == nil ? .passive : .active)
        let peer = PeerConnection(
            parameters: parameters(request.offer, credentials, port, setup: setup, route.profile, remoteInit),
            context: certificates.context,
            stack: stack, at: now)
        let answer = makeAnswer(
            request.offer, credentials, port, setup, route.pageMessageLimit(to: server), peer.localInit)
        let resources = routesInUse.beginSession(of: route)
        let session = Session(
            id: SessionID(using: &random), slot: sessions.reserveSlot(), route: route, destination: server,
            peerID: peerID,
            connectData: peerID ?? request.connectData ?? route.connectData, peer: peer, offer: request.offer,
            rates: request.rates, limits: configuration, resources: resources,
            shared: beginSharing(resources, from: source), hostMemory: hostMemory, at: now)
        noteJoining(session, from: source)
        sessions.insert(session)
        pools[route.name]?.noteSessionBegan(on: server.address)
        session.record.noteJoin()
        if let association = peer.associationIdentifier {
            sessions.bind(association: association, to: session)
        }
        deadlines.set(session.nextDeadline, for: session.slot)
        outbox.events.append(session.event(.joined(peerID: peerID)))
        return JoinAnswer(
            session: session.id, sdp: answer.serialized(sessionID: random.next()), peerID: peerID,
            iceTag: session.iceTag)
    }

    /// Takes what a page sends after its offer: candidates, which need no answer, or an ICE restart.
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
            credentials: credentials, candidates: candidates, mid: session.mid)
        return .restarted(sdp: answer.serialized(), iceTag: session.iceTag)
    }

    /// New answers and ICE restarts name these addresses, best first. Sessions go on: each browser has found its way.
    public func advertise(udp: [TransportAddress], tcp: [TransportAddress]) {
        configuration.advertised = udp
        configuration.advertisedTCP = tcp
    }

    /// Ends a session because the page asks, or an operator.
    ///
    /// - Parameter disconnectData: what ENet's DISCONNECT tells the server; nil is 0.
    public func leave(
        _ id: SessionID, disconnectData: UInt32? = nil, for reason: EndReason = .playerLeft, at now: Instant
    ) -> Leaving {
        guard let session = sessions[id] else { return .sessionUnknown }
        guard disconnectData == nil || session.route.profile.hasDataWords else { return .disconnectDataNotUsed }
        if let disconnectData, !session.isOver { session.disconnectData = disconnectData }
        session.end(reason, at: now)
        touch(session.slot)
        return .done
    }

    /// What a page may know of its session.
    public func status(of id: SessionID) -> SessionStatus? {
        if let session = sessions[id] { return session.status }
        return ended.status(of: id)
    }

    // MARK: - Bytes

    /// Takes one datagram from the shared port or a TCP connection.
    public func receive(
        _ datagram: UnsafeRawBufferPointer, from source: Path, at now: Instant, into outbox: inout Outbox
    ) {
        guard let first = datagram.first else { return drops.count(.datagramEmpty) }
        switch DatagramKind(firstByte: first) {
        case .stun: receiveCheck(datagram, from: source, at: now, into: &outbox)
        case .dtls: receiveDTLS(datagram, from: source, at: now)
        case .unknown: drops.count(.datagramFirstByteUnknown)
        }
    }

    /// Whether a session's browser has shown itself there. A TCP connection on which none has may be closed at any time.
    public func isUsed(_ path: Path) -> Bool {
        sessions[path] != nil
    }

    /// The session whose browser has shown itself there last.
    public func session(at path: Path) -> SessionID? {
        sessions[path]?.id
    }

    /// A TCP connection is gone. What its session wants to send goes another way that was checked, or waits for the
    /// browser's next check; the session itself ends only when none comes.
    public func pathClosed(_ path: Path, at now: Instant, into outbox: inout Outbox) {
        guard let session = sessions[path] else { return }
        let before = session.peer.agent.selected
        session.peer.forget(path)
        _ = sessions.unbind(path, from: session)
        if let selected = session.peer.agent.selected, selected != before {
            outbox.events.append(session.event(.moved(selected)))
        }
        touch(session.slot)
    }

    /// Takes one datagram from a session's server.
    public func receive(_ datagram: UnsafeRawBufferPointer, fromServerOf slot: SessionSlot, at now: Instant) {
        guard let session = sessions[slot], let server = session.server else { return drops.count(.sessionUnknown) }
        do throws(DropReason) {
            try server.receive(datagram, at: now)
            session.noteServerSpoke(at: now)
        } catch {
            session.counters.drops.count(error)
        }
        if session.capture != nil { session.captureReceived(fromServer: datagram, at: now) }
        // Even what is dropped may tell of an end.
        enqueue(session)
    }

    /// The operating system says that nothing listens at a session's server (ICMP port unreachable), or that there is no
    /// way to it.
    public func serverRefusedDatagram(of slot: SessionSlot, at now: Instant) {
        guard let session = sessions[slot] else { return }
        session.hearThatNobodyListens(at: now)
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
        captures.advance(to: now)
    }

    /// Lets messages cross in every session that was touched, and fills the outbox. True when there is more to do at
    /// once: call again after the outbox is done.
    public func settle(at now: Instant, into outbox: inout Outbox) -> Bool {
        touchAssociations()
        swap(&dirty, &turn)
        turns &+= UInt64(turn.count)
        for slot in turn {
            guard let session = sessions[slot] else { continue }
            session.isTouched = false
            let hasMore = session.settle(at: now, random: &random, into: &outbox)
            noteJoined(session, at: now)
            if session.noteProgress(at: now, into: &outbox) {
                pools[session.route.name]?.noteSuccess(of: session.destination.address, at: now)
            }
            if let reason = session.endReason {
                remove(session, reason, at: now, into: &outbox)
            } else {
                deadlines.set(session.nextDeadline, for: slot)
                if hasMore { touch(slot) }
            }
        }
        turn.removeAll(keepingCapacity: true)
        endDeparture(at: now)
        stack.startTicking(at: now)
        // usrsctp may have made packets for an association while another was fed.
        touchAssociations()
        return !dirty.isEmpty
    }

    private func touchAssociations() {
        stack.drainTouched { association in
            guard let session = sessions[association] else { return }
            touch(session.slot)
        }
    }
}

// MARK: - Inside

extension GatewayCore {
    private func receiveCheck(
        _ datagram: UnsafeRawBufferPointer, from source: Path, at now: Instant, into outbox: inout Outbox
    ) {
        let check: STUNMessage
        do throws(DropReason) {
            check = try STUNMessage(parsing: datagram)
        } catch {
            return drops.count(error)
        }
        guard let username = check.username else { return drops.count(.stunUsernameMissing) }
        guard let session = sessions.session(of: username) else { return drops.count(.stunUsernameUnknown) }
        let pathsBefore = session.peer.agent.validated
        let ufragsBefore = session.peer.agent.ufrags
        let wasReached = session.peer.phase != .ice
        switch session.peer.receive(check: check, from: source, at: now, into: &outbox.toBrowsers) {
        case .refused(let reason):
            drops.count(reason)
        case .valid(let isNew, let isSelected):
            if isNew || sessions[source]?.slot != session.slot {
                bind(source, to: session, before: pathsBefore, into: &outbox)
            }
            if isSelected {
                outbox.events.append(session.event(wasReached ? .moved(source) : .reached(source)))
            }
            if ufragsBefore.count > 1 {
                sessions.updateUfrags(of: session, before: ufragsBefore)
            }
            if let datagram = check.dtls, datagram.first.map({ DatagramKind(firstByte: $0) }) == .dtls {
                receiveDTLS(datagram, of: session, at: now)
            }
            touch(session.slot)
        }
    }

    private func bind(_ path: Path, to session: Session, before: [Path], into outbox: inout Outbox) {
        // Nobody else can send on a connection: who used it before no longer does.
        if path.connection != nil, let former = sessions[path], former.slot != session.slot {
            former.peer.forget(path)
            touch(former.slot)
        }
        sessions.bind(path, to: session)
        for old in before where !session.peer.agent.validated.contains(old) {
            release(old, of: session, into: &outbox)
        }
    }

    /// A path that a session forgot or leaves behind: a connection that is nobody else's is closed.
    private func release(_ path: Path, of session: Session, into outbox: inout Outbox) {
        guard sessions.unbind(path, from: session), let connection = path.connection else { return }
        outbox.connectionClosings.append(connection)
    }

    private func receiveDTLS(_ datagram: UnsafeRawBufferPointer, from source: Path, at now: Instant) {
        guard let session = sessions[source] else { return drops.count(.datagramFromStranger) }
        receiveDTLS(datagram, of: session, at: now)
    }

    private func receiveDTLS(_ datagram: UnsafeRawBufferPointer, of session: Session, at now: Instant) {
        let hadAssociation = session.peer.associationIdentifier != nil
        if let reason = session.peer.receive(dtlsDatagram: datagram, at: now) {
            session.counters.drops.count(reason)
        } else {
            session.noteBrowserSpoke(at: now)
        }
        if session.capture != nil { session.captureReceivedFromBrowser(at: now) }
        if !hadAssociation, let association = session.peer.associationIdentifier {
            sessions.bind(association: association, to: session)
        }
        touch(session.slot)
    }

    private func remove(_ session: Session, _ reason: EndReason, at now: Instant, into outbox: inout Outbox) {
        session.discardWhatWaits()
        session.endCapture(.sessionEnded(reason), at: now)
        let counters = session.totals
        session.record.noteEnd(reason, carried: counters)
        noteServer(of: session, after: reason, at: now)
        if session.server != nil {
            outbox.closings.append(session.slot)
        }
        if let peerID = session.peerID {
            peerIDs[session.route.name]?.release(peerID)
            forgetPeerIDs(ofUnused: session.route.name)
        }
        overall.noteEnd(of: session.source)
        routesInUse.noteEnd(of: session.route)
        ports.release(session.peer.parameters.localPort)
        deadlines.set(nil, for: session.slot)
        for path in session.peer.agent.validated { release(path, of: session, into: &outbox) }
        sessions.remove(session)
        ended.append(session.id, reason)
        outbox.events.append(
            session.event(.ended(reason, after: now.since(session.startedAt), counters: counters)))
    }
}
