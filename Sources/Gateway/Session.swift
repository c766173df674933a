import Bridge
import DTLS
import ENet
import Primitives
import SCTP
import SDP
import WebRTC

/// One player: a browser on one side, a connection of its own to the server on the other, and the bridge between.
///
/// Inputs only feed the two machines; `settle` is where messages cross. How the two ends of a session go is in
/// SessionEnding.swift, each direction of traffic in SessionToServer.swift and SessionToBrowser.swift.
final class Session {
    enum Phase {
        /// The browser's data channels are not open yet.
        case joining(until: Instant)
        /// ENet's CONNECT is on its way.
        case connecting
        /// The server answered CONNECT; whether it took the player shows in its acknowledging a ping.
        case confirming(until: Instant)
        case playing
        /// The server has left; what it sent before still goes to the browser.
        case farewellToBrowser(EndReason, until: Instant)
        /// The browser has left; what it sent before, and the disconnect, still go to the server.
        case farewellToServer(EndReason, until: Instant)
        case ended(EndReason)
    }

    let id: SessionID
    let slot: SessionSlot
    let route: Route
    /// Which of the route's servers it is on.
    let destination: RouteServer
    let peerID: UInt32?
    /// The data word of ENet's CONNECT.
    let connectData: UInt32
    let framing: PacketFraming
    let startedAt: Instant
    let limits: GatewayConfiguration
    /// For DTLS to the server; nil where the route has none.
    let clientContext: ClientContext?
    let hostMemory: HostMemory
    /// What the route's sessions came to.
    let record: RouteRecord
    let peer: PeerConnection
    /// The data section's identification in the offer.
    let mid: String?
    /// Whose session it is, wherever its datagrams come from since; nil where that is not counted.
    var source: TransportAddress?
    /// Where its join counts as under way; nil once it no longer does.
    var joiningSource: TransportAddress?
    /// The browser's ICE credentials, which tell a restart from candidates that trickle in.
    var remoteCredentials: ICECredentials

    var phase: Phase
    var progress: SessionProgress
    /// What was known to be given up by SCTP when the legs were last looked at.
    var abandonedChunks: UInt32 = 0
    /// The data word of ENet's DISCONNECT, should the player leave.
    var disconnectData: UInt32 = 0
    /// Whether anything at all has come from the server.
    var hasServerSpoken = false
    /// Since it has.
    var heardThatNobodyListens = false
    /// Whether its join counts as under way. Here, where it takes no room of its own.
    var isCountedAsJoining = false
    /// Whether it waits for its turn in `GatewayCore.settle`.
    var isTouched = false
    /// Whether anything but a datagram of the server's has happened since its last turn. Where nothing has, the browser's
    /// side is not looked at: with thousands of sessions that are pinged, each look is at cold memory.
    var isBrowserTouched = true
    /// Whether the browser's side was given something in this turn.
    var hasHandedOver = false
    var server: (any ServerConnection)?
    var map: ChannelMap
    var browserQueue: BrowserQueue
    var serverBacklog = ServerBacklog()
    var unclaimed = UnclaimedPackets()
    var counters = SessionCounters()
    var rateToServer: DirectionRate
    var rateToBrowser: DirectionRate
    var browserStall = Stall()
    var serverStall = Stall()
    var sendRoom = SendRoom()
    /// When the oldest message was handed to SCTP after which nothing has come from the browser.
    var unansweredSince: Instant?
    var blackoutReplay = BlackoutReplay()
    /// Nil while nobody captures it.
    var capture: SessionCapture?

    /// Messages of each direction that one `settle` moves before other sessions get their turn.
    static let turnLength = 256

    init(
        id: SessionID, slot: SessionSlot, route: Route, destination: RouteServer, peerID: UInt32?, connectData: UInt32,
        peer: PeerConnection, offer: DataChannelDescription, rates: TrafficLimits, limits: GatewayConfiguration,
        resources: RouteResources, shared: SessionRates, hostMemory: HostMemory, at now: Instant
    ) {
        self.id = id
        self.slot = slot
        self.route = route
        self.destination = destination
        self.peerID = peerID
        self.connectData = connectData
        framing = PacketFraming(route.profile, peerID: peerID)
        self.peer = peer
        self.limits = limits
        self.hostMemory = hostMemory
        clientContext = resources.clientContext
        record = resources.record
        mid = offer.mid
        remoteCredentials = offer.credentials
        startedAt = now
        phase = .joining(until: now + limits.joinTimeout)
        progress = .settingUp(.ice, since: now)
        map = ChannelMap(route.profile)
        let rates = route.rates.session.replaced(by: rates)
        rateToServer = .toServer(rates, shared)
        rateToBrowser = .toBrowser(rates, shared)
        browserQueue = BrowserQueue(isPaced: route.profile.isPaced)
    }

    /// Names the ICE session: its ufrag is as good as any name, and no secret.
    var iceTag: String { peer.agent.ufrag }

    var isJoining: Bool {
        if case .joining = phase { return true }
        return false
    }

    /// Whether the browser's side is over.
    var isOver: Bool {
        switch phase {
        case .farewellToServer, .ended: true
        case .joining, .connecting, .confirming, .playing, .farewellToBrowser: false
        }
    }

    /// What the session carried so far, the queues' drops included.
    var totals: SessionCounters {
        var totals = SessionCounters()
        addCounters(to: &totals)
        return totals
    }

    func addCounters(to sum: inout SessionCounters) {
        sum.add(counters)
        sum.drops.add(browserQueue.drops)
        if let server { sum.drops.add(server.drops) }
    }

    var endReason: EndReason? {
        if case .ended(let reason) = phase { return reason }
        return nil
    }

    /// Does everything that has become possible, and hands out what is to be sent. True when there is more to do at
    /// once.
    func settle(at now: Instant, random: inout any RandomNumberGenerator, into outbox: inout Outbox) -> Bool {
        // What waits for room at the server may go when the server has spoken.
        let looksAtBrowser = isBrowserTouched || !serverBacklog.isEmpty
        isBrowserTouched = false
        hasHandedOver = false
        if looksAtBrowser { peer.advance(to: now) }
        server?.advance(to: now)
        let browserHasMore = looksAtBrowser && pullBrowser(at: now, random: &random, into: &outbox)
        drainBrowserQueue(at: now)
        let serverHasMore = pullServer(at: now, into: &outbox)
        noteStalls(at: now, into: &outbox)
        checkDeadlines(at: now)
        finishFarewells(at: now)
        server?.flush(at: now)
        if endReason != nil { server?.close(at: now) }
        if looksAtBrowser || hasHandedOver || isOver || capture != nil { settleBrowser(at: now, into: &outbox) }
        if let server { outbox.toServers.take(&server.outgoing, to: slot) }
        return (browserHasMore || serverHasMore) && endReason == nil
    }

    /// When `settle` wants to be called although nothing arrives.
    var nextDeadline: Instant? {
        var next = Instant.earlier(peer.nextDeadline, server?.nextDeadline)
        next = .earlier(next, .earlier(phaseDeadline, consentDeadline))
        next = .earlier(next, stallDeadline)
        // Asked only where it has something: mostly it is empty.
        if browserQueue.reliableBytes + browserQueue.unreliableBytes > 0 {
            next = .earlier(next, browserQueue.nextDeadline)
        }
        return .earlier(next, rateDeadline)
    }

    /// - Parameter source: what its source's sessions share now.
    func noteLimitsChanged(_ source: SharedRates?) {
        rateToServer.noteLimitsChanged(source?.toServer)
        rateToBrowser.noteLimitsChanged(source?.toBrowser)
    }

    func event(_ kind: SessionEvent.Kind) -> SessionEvent {
        SessionEvent(
            session: id, route: route.name, server: route.isPool ? destination.label : nil, kind: kind)
    }

    private func settleBrowser(at now: Instant, into outbox: inout Outbox) {
        peer.settle(into: &outbox.toBrowsers)
        if capture != nil { captureSent(at: now) }
    }

    /// When a limit lets through what waits for it.
    private var rateDeadline: Instant? {
        .earlier(
            serverBacklog.isEmpty ? nil : rateToServer.nextAllowed,
            browserQueue.isEmpty ? nil : rateToBrowser.nextAllowed)
    }

    /// A direction is stalled while its sender is made to wait by the other side, not by a limit. Once a side is over, farewells have times of their own.
    private func noteStalls(at now: Instant, into outbox: inout Outbox) {
        var isPlaying = false
        if case .playing = phase { isPlaying = true }
        let toBrowser = browserStall.note(
            isWaiting: isPlaying && browserQueue.reliableBytes >= BrowserQueue.reliableHighWater
                && !rateToBrowser.isHoldingBack,
            carried: counters.messagesToBrowser, at: now)
        let toServer = serverStall.note(
            isWaiting: isPlaying && !serverBacklog.isEmpty && !rateToServer.isHoldingBack,
            carried: counters.messagesToServer, at: now)
        for case (let direction, let change?) in [(TrafficDirection.toBrowser, toBrowser), (.toServer, toServer)] {
            outbox.events.append(event(change == .began ? .stalled(direction) : .recovered(direction)))
        }
    }
}
