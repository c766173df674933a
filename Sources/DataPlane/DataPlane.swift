import DTLS
import Gateway
import Glibc
import Impairment
import Primitives
import SCTP
import SDP
import Synchronization

/// What the data plane is told at start.
public struct DataPlaneSettings: Sendable {
    /// Where browsers' datagrams arrive. Port 0 lets the kernel choose.
    public var udp: TransportAddress
    /// Where browsers connect that cannot use UDP (RFC 6544); nil for nowhere.
    public var tcp: TransportAddress?
    /// The addresses for answers; empty for those of this host. Port 0 stands for the port of `udp`.
    public var advertised: AdvertisedAddresses
    /// The same for TCP; empty for those of `advertised`, with the port of `tcp`.
    public var advertisedTCP: AdvertisedAddresses
    /// The rest; what it advertises is filled in from the above.
    public var gateway: GatewayConfiguration
    /// Where the routes' servers are, by route and as it lists them: those that are names are looked up again and again.
    public var servers: [String: [ServerTarget]] = [:]
    /// What the worker does between two turns.
    public var rest = WorkerRest.sleeping
    /// What losses and delays of impaired sessions are drawn from; nil where no session can be impaired.
    public var impairmentSeed: UInt64?
    /// How and how often names are looked up again; tests have answers of their own.
    var lookUp: AdvertisedAddresses.LookUp = { (name) throws(NetworkError) in try HostLookup.addresses(of: name) }
    var lookUpInterval = AddressRefresher.interval

    public init(
        udp: TransportAddress, tcp: TransportAddress? = nil, advertised: AdvertisedAddresses,
        advertisedTCP: AdvertisedAddresses = AdvertisedAddresses([]), gateway: GatewayConfiguration
    ) {
        self.udp = udp
        self.tcp = tcp
        self.advertised = advertised
        self.advertisedTCP = advertisedTCP
        self.gateway = gateway
    }

    /// Sockets it may have at once: one per session to its server, and browsers' TCP connections.
    public var descriptorCount: Int {
        gateway.sessionLimit + (tcp == nil ? 0 : TCPLimits.connections(for: gateway.sessionLimit))
    }
}

/// The running gateway: a worker thread with its sockets, spoken to from any task.
public final class DataPlane: Sendable {
    /// The address the shared port is bound to.
    public let udp: TransportAddress
    /// The address the TCP port is bound to; nil where there is none.
    public let tcp: TransportAddress?
    /// What answers name at the start; `addressChange` tells of later ones.
    public let advertised: AdvertisedPorts
    private let inbox: Inbox<WorkerRequest>
    private let memory: StoppedMemory
    let refresher: AddressRefresher
    let reloads = Mutex(0)

    private init(
        udp: TransportAddress, tcp: TransportAddress?, advertised: AdvertisedPorts, inbox: Inbox<WorkerRequest>,
        memory: StoppedMemory, refresher: AddressRefresher
    ) {
        self.udp = udp
        self.tcp = tcp
        self.advertised = advertised
        self.inbox = inbox
        self.memory = memory
        self.refresher = refresher
    }

    /// Binds the ports and starts the worker. One data plane at a time can run in a process, because usrsctp is one.
    ///
    /// - Parameters:
    ///   - addressChange: called, on a thread of its own, with what becomes of advertised names.
    ///   - report: called on the worker's thread with what happens to sessions; it must not block.
    /// - Throws: `NetworkError` or `DTLSSetupError`.
    public static func start(
        _ settings: DataPlaneSettings, addressChange: @escaping @Sendable (AddressChange) -> Void = { _ in },
        report: @escaping @Sendable (SessionEvent) -> Void
    ) async throws -> DataPlane {
        Allocation.joinFreedBlocks()
        return try await withCheckedThrowingContinuation { started in
            WorkerThread.run {
                let stopped = work(
                    settings, started: started, addressChange: addressChange, report: report)
                // The worker is gone by now and its port free.
                for answer in stopped { answer.resume() }
            }
        }
    }

    /// A worker's whole life; who waits for its end.
    private static func work(
        _ settings: DataPlaneSettings, started: CheckedContinuation<DataPlane, any Error>,
        addressChange: @escaping @Sendable (AddressChange) -> Void,
        report: @escaping @Sendable (SessionEvent) -> Void
    ) -> [CheckedContinuation<Void, Never>] {
        do {
            let (plane, worker) = try make(settings, addressChange: addressChange, report: report)
            started.resume(returning: plane)
            return worker.run()
        } catch {
            started.resume(throwing: error)
            return []
        }
    }

    public func join(_ request: JoinRequest) async throws(JoinRefusal) -> JoinAnswer {
        let asked = MonotonicClock.now
        return try await ask { .join(request, asked, $0) }.get()
    }

    public func leave(
        _ id: SessionID, disconnectData: UInt32? = nil, for reason: EndReason = .playerLeft
    ) async -> Leaving {
        await ask { .leave(id, reason, disconnectData: disconnectData, $0) }
    }

    /// After `stop`, too, for sessions that had ended by then.
    public func status(of id: SessionID) async -> SessionStatus? {
        await ask { .status(id, $0) } ?? memory.ended.status(of: id)
    }

    /// True when it has stopped and there were sessions, so that a page may still ask how its own ended.
    public var mayBeAsked: Bool { !memory.ended.isEmpty }

    public func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?
    ) async throws(UpdateRefusal) -> ICEUpdate {
        try await ask { .update(id, fragment, iceTag: iceTag, $0) }.get()
    }

    /// Makes the way between a session and its browser as bad as that. Nil when there is no such session, or the settings
    /// have no seed.
    public func impair(_ id: SessionID, by impairment: Impairment) async -> ImpairmentReport? {
        await ask { .impair(id, impairment, $0) }
    }

    /// What a session's impairment has done; nil for one that never asked for any.
    public func impairment(of id: SessionID) async -> ImpairmentReport? {
        await ask { .impairment(id, $0) }
    }

    public func snapshot() async -> GatewaySnapshot {
        await ask { .snapshot($0) }
    }

    /// Everything that is counted; taken between two turns of the worker.
    public func metrics() async -> GatewayMetrics {
        await ask { .metrics($0) }
    }

    /// New players of a route go to these of its servers and to no others; those who play stay where they are.
    ///
    /// - Parameter source: what they were found by; a route that has another since takes no notice.
    public func discovered(_ servers: [RouteServer], on route: String, by source: String) {
        _ = inbox.send(.discovered(servers, route: route, source: source))
    }

    /// Whether a route's server answered a probe.
    func probed(_ server: TransportAddress, on route: String, isAnswered: Bool) {
        _ = inbox.send(.probed(server, route: route, isAnswered: isAnswered))
    }

    /// Takes no more joins, or takes them again; returns how it is then.
    public func toggleDrain() async -> GatewaySnapshot {
        await ask { .toggleDrain($0) }
    }

    /// Takes no more joins, and returns when those who play need not be waited for any more: they are being told. `stop`
    /// is what is to follow.
    public func depart(_ departure: Departure) async -> GatewaySnapshot {
        await ask { .depart(departure, $0) }
    }

    /// Takes no more joins, tells both sides of every session, and returns when all have ended and the port is free.
    public func stop() async {
        refresher.stop()
        await ask { .stop($0) }
    }

    /// Nobody will fetch any more of a capture.
    func discardCapture(_ id: CaptureID) {
        _ = inbox.send(.capture(.discard(id)))
    }

    func ask<Answer: Sendable>(
        _ request: (CheckedContinuation<Answer, Never>) -> WorkerRequest
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let request = request(continuation)
            if !inbox.send(request) {
                request.refuse()
            }
        }
    }

    private static func make(
        _ settings: DataPlaneSettings, addressChange: @escaping @Sendable (AddressChange) -> Void,
        report: @escaping @Sendable (SessionEvent) -> Void
    ) throws -> (DataPlane, Worker) {
        let shared = try UDPSocket(boundTo: settings.udp)
        let listener = try settings.tcp.map { address throws(NetworkError) in try TCPListener(boundTo: address) }
        let bound = shared.localAddress ?? settings.udp
        var configuration = settings.gateway
        let advertisement = Advertisement(
            udp: settings.advertised, tcp: settings.advertisedTCP, boundUDP: bound, boundTCP: listener?.localAddress)
        configuration.advertised = advertisement.ports.udp
        configuration.advertisedTCP = advertisement.ports.tcp
        let core = try GatewayCore(
            configuration: configuration, context: try DTLSContext(certificate: try Certificate()),
            stack: SCTPStack.shared, random: BufferedRandom(), contextMade: MonotonicClock.now)
        let inbox = try Inbox<WorkerRequest>()
        let memory = StoppedMemory()
        let worker = try Worker(
            core: core, shared: shared, listener: listener, inbox: inbox, memory: memory,
            impaired: settings.impairmentSeed.map(ImpairedSessions.init), rest: settings.rest, report: report)
        let refresher = try refresher(
            Self.names(advertisement, settings.gateway.routes.values, settings), settings, inbox: inbox,
            tell: addressChange)
        let plane = DataPlane(
            udp: bound, tcp: listener?.localAddress, advertised: advertisement.ports, inbox: inbox,
            memory: memory, refresher: refresher)
        return (plane, worker)
    }

    private static func refresher(
        _ names: RefreshProgress, _ settings: DataPlaneSettings, inbox: Inbox<WorkerRequest>,
        tell: @escaping @Sendable (AddressChange) -> Void
    ) throws(NetworkError) -> AddressRefresher {
        try AddressRefresher(names, interval: settings.lookUpInterval, by: settings.lookUp) { change, names in
            switch change {
            case .ports(let ports): _ = inbox.send(.advertise(ports, names.reload))
            case .server(let route, let server):
                let place = ServerPlace(server, by: names.path(to: route.name))
                _ = inbox.send(.moveServer(route, place, names.reload))
            case .unresolved: break
            }
            tell(change)
        }
    }
}

/// Starts a thread that is nobody's pool: it may block for ever.
public enum WorkerThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    public static func run(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Body(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        precondition(result == 0, "The operating system has no thread left for the data plane.")
        pthread_detach(thread)
    }
}
