import DTLS
import ENet
import Gateway
import Primitives
import SCTP
import SDP
import Testing

/// Browsers, the gateway's core and game servers in one process, joined by a simulated network, in virtual time.
///
/// Time jumps from one datagram or deadline to the next. The core is driven as its shell drives it: only when a
/// datagram came, a request was made or its deadline has passed.
public final class SimulatedWorld {
    public static let gatewayAddress = TransportAddress(ipv4: 0xC000_0201, port: 3478)
    public static let serverAddress = TransportAddress(ipv4: 0xC633_6401, port: 7777)
    public static let datagramServerAddress = TransportAddress(ipv4: 0xC633_6402, port: 4433)

    public private(set) var now: Instant
    public let core: GatewayCore
    public var network: SimulatedNetwork
    public private(set) var servers: [TransportAddress: SimulatedServer] = [:]
    private var datagramServer: SimulatedDatagramServer?
    public private(set) var browsers: [SimulatedBrowser] = []
    public private(set) var events: [SessionEvent] = []
    /// The core's sockets to servers, by slot.
    public private(set) var sockets: [SessionSlot: TransportAddress] = [:]
    /// Bytes and datagrams into and out of the shared port.
    public private(set) var bytesIn = 0
    public private(set) var bytesOut = 0
    public private(set) var datagramsOut = 0
    public private(set) var largestDatagramOut = 0
    /// Runs after each step; the place for invariants.
    public var afterStep: ((SimulatedWorld) -> Void)?
    /// The core's socket to a server that is not there gets "port unreachable" back.
    public var sendsUnreachable = false
    /// Runs what the core does in a step, for who counts what that costs.
    public var aroundCore: (() -> Void) -> Void = { $0() }

    public var random: SeededRandom
    private var outbox = Outbox()
    private var targets: [SessionSlot: TransportAddress] = [:]
    private var slots: [TransportAddress: SessionSlot] = [:]
    private var nextSocketPort: UInt16 = 20_000
    private var nextBrowser: UInt32 = 1
    private var coreIsNeeded = false
    /// Whether the core's inside may be other than before this step: its deadline alone need not change anything.
    private(set) var coreHasChanged = true
    /// SimulatedWorld+Streams.swift has what happens to them.
    var streams: [TCPConnectionID: SimulatedStream] = [:]
    var streamsEver = 0
    private var stepsWithoutTime = 0
    private var isStuck = false

    /// Keys are made once: they cost more than everything else at the start.
    private nonisolated(unsafe) static let gatewayContext = Result { try DTLSContext(certificate: Certificate()) }
    private nonisolated(unsafe) static let browserContext = Result { try DTLSContext(certificate: Certificate()) }
    public static var browserCertificate: Certificate? { try? browserContext.get().certificate }
    public static var browserFingerprint: CertificateFingerprint? { browserCertificate?.fingerprint }

    /// - Parameter front: what players of the server speak DTLS with, on all routes.
    public init(
        seed: UInt64, at start: Instant = Instant(nanoseconds: 3_000_000_321), routes: [Route]? = nil,
        hasServer: Bool = true,
        serverConfiguration: ServerConfiguration = ServerConfiguration(), front: SecuredFront? = nil,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) throws {
        now = start
        random = SeededRandom(seed: seed)
        network = SimulatedNetwork(random: SeededRandom(seed: seed ^ 0x6E65_7477_6F72_6B))
        var configuration = GatewayConfiguration(
            routes: routes ?? [
                Route(name: "godot", profile: .godot4, server: Self.serverAddress),
                Route(name: "plain", profile: .channels, server: Self.serverAddress),
                Route(name: "raw", profile: .datagrams, server: Self.datagramServerAddress),
            ], advertised: [Self.gatewayAddress])
        for name in configuration.routes.keys where front != nil {
            configuration.routes[name]?.security = front?.security ?? .none
        }
        configure(&configuration)
        VirtualTime.set(now)
        core = try GatewayCore(
            configuration: configuration, context: try Self.gatewayContext.get(), stack: .shared,
            random: SeededRandom(seed: seed ^ 0x636F_7265))
        if hasServer {
            addServer(at: Self.serverAddress, configuration: serverConfiguration, front: front)
        }
    }

    deinit {
        VirtualTime.clear()
    }

    public var server: SimulatedServer {
        guard let server = servers[Self.serverAddress] else { preconditionFailure("This world has no server.") }
        return server
    }

    public func addServer(
        at address: TransportAddress, configuration: ServerConfiguration = ServerConfiguration(),
        front: SecuredFront? = nil
    ) {
        servers[address] = SimulatedServer(
            address: address, random: &random, configuration: configuration, front: front)
    }

    /// A server for the route `raw`.
    public func addDatagramServer() -> SimulatedDatagramServer {
        let server = SimulatedDatagramServer(address: Self.datagramServerAddress)
        datagramServer = server
        return server
    }

    // MARK: - Players

    /// A new browser, not yet joined.
    public func makeBrowser(
        channels: [SimulatedBrowser.Channel] = SimulatedBrowser.Channel.godot, setup: DTLSSetup = .actpass,
        fingerprint: DTLSFingerprint? = nil, maximumMessageSize: Int = 262_144, offersSNAP: Bool = false
    ) throws -> SimulatedBrowser {
        let browser = SimulatedBrowser(
            address: TransportAddress(ipv4: 0xCB00_7100 + nextBrowser, port: 40_000), gateway: Self.gatewayAddress,
            context: try Self.browserContext.get(), channels: channels, setup: setup,
            sctpPort: UInt16(40_000 + nextBrowser % 25_000), fingerprint: fingerprint,
            maximumMessageSize: maximumMessageSize, offersSNAP: offersSNAP, random: SeededRandom(seed: random.next()))
        nextBrowser += 1
        browsers.append(browser)
        return browser
    }

    /// Sends the browser's offer and takes the answer.
    @discardableResult
    public func join(
        _ browser: SimulatedBrowser, route: String = "godot", peerID: UInt32? = nil, connectData: UInt32? = nil,
        from source: TransportAddress? = nil, rates: TrafficLimits = TrafficLimits(),
        wish: ServerWish = ServerWish()
    ) throws -> JoinAnswer {
        let offer = try DataChannelDescription(offer: SessionDescription(parsing: browser.makeOffer()))
        var request = JoinRequest(
            route: route, peerID: peerID, connectData: connectData, offer: offer, source: source, wish: wish)
        request.rates = rates
        let answer = try core.join(request, at: now, into: &outbox)
        coreIsNeeded = true
        try browser.start(answer: answer.sdp, at: now)
        return answer
    }

    /// The browser's address is another from now on; the old one is nobody's.
    public func rebind(_ browser: SimulatedBrowser) {
        browser.address = browser.address.with(port: browser.address.port &+ 1)
    }

    /// The browser restarts ICE; the HTTP request and its answer take no time here.
    public func restartICE(_ browser: SimulatedBrowser, _ session: SessionID) throws {
        let fragment = try ICEFragment(parsing: Array(browser.beginRestart().utf8))
        guard case .restarted(let sdp, _) = try ask({ try $0.update(session, fragment, iceTag: nil, at: $1) }) else {
            preconditionFailure("New credentials restart ICE.")
        }
        try browser.followRestart(sdp, at: now)
    }

    /// Forgets the browsers that are gone and all that happened, so that very many can come and go.
    public func forgetThePast() {
        browsers.removeAll { $0.end == .vanished }
        events.removeAll(keepingCapacity: true)
        network.forgetThePast()
        for server in servers.values { server.forgetThePast() }
    }

    public var metrics: GatewayMetrics { core.metrics(at: now) }

    /// Asks something of the core.
    public func ask<Value>(_ body: (GatewayCore, Instant) throws -> Value) rethrows -> Value {
        defer { coreIsNeeded = true }
        return try body(core, now)
    }

    /// A datagram of anyone's for the shared port, outside the network's conditions.
    public func inject(_ bytes: [UInt8], from source: TransportAddress) {
        receiveAtGateway(bytes, from: .udp(source))
    }

    // MARK: - Time

    /// Lets time pass until `condition` holds; false when `limit` went by before.
    @discardableResult
    public func run(for limit: Milliseconds, until condition: (SimulatedWorld) -> Bool = { _ in false }) -> Bool {
        let end = now + limit
        settle()
        while !condition(self) {
            guard let next = nextEvent, next <= end else {
                now = max(now, end)
                VirtualTime.set(now)
                return condition(self)
            }
            stepsWithoutTime = next > now ? 0 : stepsWithoutTime + 1
            if stepsWithoutTime > 10_000 {
                if !isStuck { Issue.record("ten thousand steps without the time moving at \(now)") }
                isStuck = true
            }
            guard !isStuck else { return false }
            now = max(now, next)
            VirtualTime.set(now)
            deliver()
            settle()
        }
        return true
    }

    private var nextEvent: Instant? {
        var next = Instant.earlier(network.nextDue, core.nextDeadline)
        for stream in streams.values { next = .earlier(next, stream.nextDue) }
        for browser in browsers { next = .earlier(next, browser.nextDeadline) }
        for server in servers.values { next = .earlier(next, server.nextDeadline) }
        return next
    }

    private func deliver() {
        deliverStreams()
        while let datagram = network.next(at: now) {
            if datagram.destination == Self.gatewayAddress {
                receiveAtGateway(datagram.bytes, from: .udp(datagram.source))
            } else if let slot = slots[datagram.destination] {
                datagram.bytes.withUnsafeBytes { bytes in
                    aroundCore { core.receive(bytes, fromServerOf: slot, at: now) }
                }
                coreIsNeeded = true
            } else if let server = servers[datagram.destination] {
                server.receive(datagram.bytes, from: datagram.source, at: now)
            } else if let datagramServer, datagram.destination == datagramServer.address {
                datagramServer.receive(datagram.bytes, from: datagram.source)
            } else if let browser = browsers.first(where: { $0.address == datagram.destination && $0.end != .vanished })
            {
                browser.receive(datagram.bytes, at: now)
            } else if sendsUnreachable, let slot = slots[datagram.source] {
                core.serverRefusedDatagram(of: slot, at: now)
                coreIsNeeded = true
            }
        }
    }

    func withCore(_ body: (GatewayCore, inout Outbox) -> Void) {
        body(core, &outbox)
        coreIsNeeded = true
    }

    func receiveAtGateway(_ bytes: [UInt8], from source: Path) {
        bytesIn += bytes.count
        bytes.withUnsafeBytes { datagram in
            aroundCore { core.receive(datagram, from: source, at: now, into: &outbox) }
        }
        coreIsNeeded = true
    }

    private func settle() {
        settleCore()
        for browser in browsers where browser.needsSettling(at: now) {
            browser.settle(at: now)
            send(from: browser)
        }
        for server in servers.values {
            server.settle(at: now) { network.send($0, from: server.address, to: $1, at: now) }
        }
        if let server = datagramServer {
            server.settle { network.send($0, from: server.address, to: $1, at: now) }
        }
        afterStep?(self)
    }

    private func settleCore() {
        coreHasChanged = coreIsNeeded
        if let deadline = core.nextDeadline, deadline <= now { coreIsNeeded = true }
        guard coreIsNeeded else { return }
        coreIsNeeded = false
        let turns = coreTurns
        aroundCore { core.advance(to: now) }
        var hasMore = true
        while hasMore {
            aroundCore { hasMore = core.settle(at: now, into: &outbox) }
            carryOut()
        }
        coreHasChanged = coreHasChanged || coreTurns != turns
    }

    private func carryOut() {
        for opening in outbox.openings {
            let address = Self.gatewayAddress.with(port: nextSocketPort)
            nextSocketPort = nextSocketPort == .max ? 20_000 : nextSocketPort + 1
            sockets[opening.slot] = address
            targets[opening.slot] = opening.server
            slots[address] = opening.slot
            core.serverSocketOpened(of: opening.slot, at: address)
        }
        outbox.toBrowsers.forEach { bytes, path in
            bytesOut += bytes.count
            datagramsOut += 1
            largestDatagramOut = max(largestDatagramOut, bytes.count)
            switch path {
            case .udp(let destination):
                network.send(Array(bytes), from: Self.gatewayAddress, to: destination, at: now)
            case .tcp(let connection, _):
                streams[connection]?.send(Array(bytes), to: .browser, at: now)
            }
        }
        outbox.toServers.forEach { bytes, slot in
            guard let source = sockets[slot], let target = targets[slot] else {
                Issue.record("a datagram for a server through a socket that is not open")
                return
            }
            network.send(Array(bytes), from: source, to: target, at: now)
        }
        for slot in outbox.closings {
            if let address = sockets.removeValue(forKey: slot) { slots[address] = nil }
            targets[slot] = nil
        }
        for connection in outbox.connectionClosings { finishStream(connection) }
        events += outbox.events
        outbox.removeAll()
    }

    // MARK: - What happened

    /// Why the session ended; nil while it has not.
    public func endReason(of session: SessionID) -> EndReason? {
        events.lazy.compactMap { event in
            guard event.session == session, case .ended(let reason, _, _) = event.kind else { return nil }
            return reason
        }.first
    }

    public func counters(of session: SessionID) -> SessionCounters? {
        events.lazy.compactMap { event in
            guard event.session == session, case .ended(_, _, let counters) = event.kind else { return nil }
            return counters
        }.first
    }

    /// Lets the players of `sessions` come in; false when one did not within `limit`.
    @discardableResult
    public func play(_ sessions: [SessionID], within limit: Milliseconds = 5_000) -> Bool {
        run(for: limit) { world in
            sessions.allSatisfy { world.core.status(of: $0) == .playing }
        }
    }
}
