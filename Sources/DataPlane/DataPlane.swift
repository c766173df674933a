import DTLS
import Gateway
import Glibc
import Primitives
import SCTP
import SDP

/// What the data plane is told at start.
public struct DataPlaneSettings: Sendable {
    /// Where browsers' datagrams arrive. Port 0 lets the kernel choose.
    public var udp: TransportAddress
    /// Where browsers connect that cannot use UDP (RFC 6544); nil for nowhere.
    public var tcp: TransportAddress?
    /// The addresses for answers; empty for those of this host. Port 0 stands for the port of `udp`.
    public var advertised: [TransportAddress]
    /// The same for TCP; empty for those of `advertised`, with the port of `tcp`.
    public var advertisedTCP: [TransportAddress]
    /// The rest; what it advertises is filled in from the above.
    public var gateway: GatewayConfiguration

    public init(
        udp: TransportAddress, tcp: TransportAddress? = nil, advertised: [TransportAddress],
        advertisedTCP: [TransportAddress] = [], gateway: GatewayConfiguration
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
    /// What answers name.
    public let advertised: [TransportAddress]
    public let advertisedTCP: [TransportAddress]
    private let inbox: Inbox<WorkerRequest>

    private init(
        udp: TransportAddress, tcp: TransportAddress?, configuration: GatewayConfiguration, inbox: Inbox<WorkerRequest>
    ) {
        self.udp = udp
        self.tcp = tcp
        advertised = configuration.advertised
        advertisedTCP = configuration.advertisedTCP
        self.inbox = inbox
    }

    /// Binds the ports and starts the worker. One data plane at a time can run in a process, because usrsctp is one.
    ///
    /// - Parameter report: called on the worker's thread with what happens to sessions; it must not block.
    /// - Throws: `NetworkError` or `DTLSSetupError`.
    public static func start(
        _ settings: DataPlaneSettings, report: @escaping @Sendable (SessionEvent) -> Void
    ) async throws -> DataPlane {
        try await withCheckedThrowingContinuation { started in
            WorkerThread.run {
                let stopped = work(settings, started: started, report: report)
                // The worker is gone by now and its port free.
                for answer in stopped { answer.resume() }
            }
        }
    }

    /// A worker's whole life; who waits for its end.
    private static func work(
        _ settings: DataPlaneSettings, started: CheckedContinuation<DataPlane, any Error>,
        report: @escaping @Sendable (SessionEvent) -> Void
    ) -> [CheckedContinuation<Void, Never>] {
        do {
            let (plane, worker) = try make(settings, report: report)
            started.resume(returning: plane)
            return worker.run()
        } catch {
            started.resume(throwing: error)
            return []
        }
    }

    public func join(_ request: JoinRequest) async throws(JoinRefusal) -> JoinAnswer {
        try await ask { .join(request, $0) }.get()
    }

    public func leave(_ id: SessionID) async -> Bool {
        await ask { .leave(id, $0) }
    }

    public func status(of id: SessionID) async -> SessionStatus? {
        await ask { .status(id, $0) }
    }

    public func update(
        _ id: SessionID, _ fragment: ICEFragment, iceTag: String?
    ) async throws(UpdateRefusal) -> ICEUpdate {
        try await ask { .update(id, fragment, iceTag: iceTag, $0) }.get()
    }

    public func snapshot() async -> GatewaySnapshot {
        await ask { .snapshot($0) }
    }

    /// Takes no more joins, tells both sides of every session, and returns when all have ended and the port is free.
    public func stop() async {
        await ask { .stop($0) }
    }

    private func ask<Answer: Sendable>(
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
        _ settings: DataPlaneSettings, report: @escaping @Sendable (SessionEvent) -> Void
    ) throws -> (DataPlane, Worker) {
        let shared = try UDPSocket(boundTo: settings.udp)
        let listener = try settings.tcp.map { address throws(NetworkError) in try TCPListener(boundTo: address) }
        let bound = shared.localAddress ?? settings.udp
        var configuration = settings.gateway
        configuration.advertised = reachable(bound, as: settings.advertised)
        if let listener {
            // Each host once, whatever ports UDP has there.
            let hosts = settings.advertised.reduce(into: [TransportAddress]()) { hosts, address in
                if !hosts.contains(address.with(port: 0)) { hosts.append(address.with(port: 0)) }
            }
            configuration.advertisedTCP = reachable(
                listener.localAddress, as: settings.advertisedTCP.isEmpty ? hosts : settings.advertisedTCP)
        }
        let core = GatewayCore(
            configuration: configuration, context: try DTLSContext(certificate: try Certificate()),
            stack: SCTPStack.shared, random: SystemRandomNumberGenerator())
        let inbox = try Inbox<WorkerRequest>()
        let worker = try Worker(core: core, shared: shared, listener: listener, inbox: inbox, report: report)
        let plane = DataPlane(udp: bound, tcp: listener?.localAddress, configuration: configuration, inbox: inbox)
        return (plane, worker)
    }

    /// What answers name for a socket bound to `bound`: `advertised`, where it says anything.
    private static func reachable(
        _ bound: TransportAddress, as advertised: [TransportAddress]
    ) -> [TransportAddress] {
        guard !advertised.isEmpty else { return HostAddresses.reachable(through: bound) }
        return advertised.map { $0.port == 0 ? $0.with(port: bound.port) : $0 }
    }
}

/// Starts a thread that is nobody's pool: it may block in epoll for ever.
private enum WorkerThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func run(_ body: @escaping @Sendable () -> Void) {
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
