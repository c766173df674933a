import Bridge
import DTLS
import Primitives
import SCTP
import SDP
import WebRTC

// What a join claims, and what it makes of its offer: the answer, and what the peer connection is told.
extension GatewayCore {
    /// Makes a session and the answer to its offer.
    public func join(_ request: JoinRequest, at now: Instant, into outbox: inout Outbox) throws(JoinRefusal)
        -> JoinAnswer
    {
        do throws(JoinRefusal) {
            return try makeSession(for: request, at: now, into: &outbox)
        } catch {
            refusals[error.kind, default: 0] &+= 1
            throw error
        }
    }

    /// The player's id where the route has some, and the server; only what succeeds counts.
    func claim(
        _ request: JoinRequest, on route: Route, from source: TransportAddress?, at now: Instant
    ) throws(JoinRefusal) -> (peerID: UInt32?, server: RouteServer) {
        // First what is wrong in any case, then what time mends.
        guard request.connectData == nil || route.profile.hasDataWords else {
            throw .connectDataNotUsed(route: route.name)
        }
        let claimed = try claimPeerID(request.peerID, on: route)
        do throws(JoinRefusal) {
            // A server's turn that comes to nothing does no harm; a source's join would.
            let server = try chooseServer(for: request, on: route, at: now)
            try beginJoin(from: source, at: now)
            return (claimed, server)
        } catch {
            if let claimed { peerIDs[route.name]?.release(claimed) }
            throw error
        }
    }

    /// The source's own limit comes first, so that one that is over it takes nothing from the others.
    private func beginJoin(from source: TransportAddress?, at now: Instant) throws(JoinRefusal) {
        let limited = configuration.joinLimitPerSource > 0 ? source : nil
        if let limited { try joins.begin(limited, limit: configuration.joinLimitPerSource, at: now) }
        do throws(JoinRefusal) {
            try overall.allow(source, by: configuration, at: now)
        } catch {
            if let limited { joins.end(limited, at: now) }
            throw error
        }
    }

    /// A session is made, whose join `claim` has allowed.
    func noteJoining(_ session: Session, from source: TransportAddress?) {
        session.source = source
        session.joiningSource = configuration.joinLimitPerSource > 0 ? source : nil
        session.isCountedAsJoining = true
    }

    /// What a session shares with others from now on, whose join `claim` has allowed.
    func beginSharing(_ resources: RouteResources, from source: TransportAddress?) -> SessionRates {
        SessionRates(
            route: resources.rates, source: overall.noteBegin(of: source, configuration.rates.source),
            gateway: overall.rates)
    }

    /// A session that has come in, or ended, is no join any more.
    func noteJoined(_ session: Session, at now: Instant) {
        if session.isCountedAsJoining, !session.isJoining {
            session.isCountedAsJoining = false
            overall.noteJoined()
        }
        guard let source = session.joiningSource, !session.isJoining else { return }
        session.joiningSource = nil
        joins.end(source, at: now)
    }

    /// Which of the route's servers the player gets, whose turn it then was.
    func chooseServer(for request: JoinRequest, on route: Route, at now: Instant) throws(JoinRefusal) -> RouteServer {
        var wish = request.wish
        wish.key = wish.key ?? request.source.map { BalanceKey($0) }
        guard var pool = pools[route.name] else {
            preconditionFailure("Every route that is configured has a pool of servers.")
        }
        defer { pools[route.name] = pool }
        return try pool.choose(for: wish, at: now)
    }

    private func claimPeerID(_ wanted: UInt32?, on route: Route) throws(JoinRefusal) -> UInt32? {
        guard route.profile.usesPeerID else {
            guard wanted == nil else { throw .peerIDNotUsed(route: route.name) }
            return nil
        }
        return try peerIDs[route.name, default: PeerIDs()].claim(wanted, using: &random)
    }

    var candidates: [IceCandidate] {
        IceCandidate.hosts(udp: configuration.advertised, tcp: configuration.advertisedTCP)
    }

    func unusedCredentials() -> ICECredentials {
        var credentials = LocalCredentials.make(using: &random)
        while sessions.hasUfrag(credentials.ufrag) {
            credentials = LocalCredentials.make(using: &random)
        }
        return credentials
    }

    func makeAnswer(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16, _ setup: DTLSSetup,
        _ messageLimit: Int, _ localInit: InitChunk?
    ) -> DataChannelAnswer {
        DataChannelAnswer(
            to: offer, credentials: credentials,
            fingerprint: DTLSFingerprint(.sha256, certificates.context.certificate.fingerprint.bytes),
            setup: setup, candidates: candidates, sctpPort: port, maxMessageSize: messageLimit,
            sctpInit: localInit?.serialized())
    }

    func parameters(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16, setup: DTLSSetup,
        _ profile: Profile, _ remoteInit: InitChunk?
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
            localMaximumMessageSize: DataChannelAnswer.defaultMaxMessageSize, streamCount: profile.streamCount,
            channelLimit: profile.channelLimit, remoteInit: remoteInit)
    }
}
