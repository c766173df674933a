import Configuration
import DataPlane
import ENet
import Gateway
import Logging
import Operations
import Primitives
import Signaling

/// The gateway as a whole: data plane and signaling, from start to stop.
struct RunningGateway {
    let http: TransportAddress
    let udp: TransportAddress
    let tcp: TransportAddress?

    private let plane: DataPlane
    private let signaling: SignalingServer
    private let metrics: MetricsServer?
    private let signals: OperatorSignals
    private let departure: Departure
    private let logger: Logger

    // Our choice.
    /// Open files besides sessions' and HTTP connections' sockets: standard ones, listeners, epolls, timers, the page.
    private static let otherDescriptors = 64
    /// How long pages may ask why their sessions ended: not all browsers show them the words of the end itself.
    private static let lastWordTime = Duration.seconds(2)

    /// Starts all of it, or nothing.
    static func start(_ settings: GatewaySettings, site: StaticSite?) async throws -> RunningGateway {
        let signals = OperatorSignals()
        try SocketLayer.verifyIsInstalled()
        try DescriptorLimit.raise(
            to: settings.dataPlane.descriptorCount + Limits().connections + MetricsServer.limits.connections
                + Self.otherDescriptors)
        var logger = Logger(label: "torii") { _ in LineLogHandler() }
        logger.logLevel = settings.logLevel
        let log = SessionLog(logger: logger)
        let changes = AddressLog(logger: logger)
        let plane = try await DataPlane.start(
            settings.dataPlane, addressChange: { changes.write($0) }, report: { log.write($0) })
        var metrics: MetricsServer?
        do {
            metrics = try await startMetrics(at: settings.metrics, of: plane)
            let signaling = try await SignalingServer.start(
                host: settings.http.host, port: settings.http.port, control: PlaneControl(plane: plane), site: site,
                node: settings.node, iceServers: settings.iceServers,
                impairment: settings.dataPlane.impairmentSeed == nil ? nil : PlaneImpairment(plane: plane),
                proxies: settings.proxies)
            let gateway = RunningGateway(
                http: signaling.localAddress, udp: plane.udp, tcp: plane.tcp, plane: plane, signaling: signaling,
                metrics: metrics, signals: signals, departure: settings.departure, logger: logger)
            gateway.logStart(
                routes: settings.dataPlane.gateway.routes.values.sorted { $0.name < $1.name }, node: settings.node)
            return gateway
        } catch {
            await metrics?.stop()
            await plane.stop()
            throw error
        }
    }

    private static func startMetrics(
        at place: HostPort?, of plane: DataPlane
    ) async throws(MetricsStartError) -> MetricsServer? {
        guard let place else { return nil }
        return try await MetricsServer.start(
            host: place.host, port: place.port, mediaType: Exposition.mediaType
        ) {
            MetricsPage(version: Torii.version, gateway: await plane.metrics(), process: .now).exposition.text
        }
    }

    /// Serves, or drains, until SIGTERM or SIGINT; then tells every session and returns when all have ended. A second
    /// signal ends the process at once (`OperatorSignals`).
    func runUntilSignalled() async {
        var end: OperatorSignals.Wish
        repeat {
            end = await signals.next()
            if end == .toggleDrain { logDrain(await plane.toggleDrain()) }
        } while end == .toggleDrain
        if end == .depart, departure.timeout > 0 { await depart() }
        logger.notice("stopping: sessions are told; a second signal ends at once")
        await plane.stop()
        // Fails only where the task is cancelled, which nobody does.
        if plane.mayBeAsked { try? await Task.sleep(for: Self.lastWordTime) }
        await signaling.stop()
        await metrics?.stop()
        logger.notice("stopped")
    }

    /// Waits for those who play, as long as it is to.
    private func depart() async {
        let before = await plane.snapshot()
        logger.notice(
            "draining: no new players are taken, and those who are left at the deadline are told; a second signal ends at once",
            metadata: [
                "cause": "SIGTERM", "sessions": "\(before.sessionCount)",
                "timeout_s": "\(departure.timeout.whole / 1000)", "minimum": "\(departure.minimum)",
            ])
        let after = await plane.depart(departure)
        logger.notice("draining is over", metadata: ["sessions": "\(after.sessionCount)"])
    }

    private func logDrain(_ state: GatewaySnapshot) {
        let metadata: Logger.Metadata = ["cause": "SIGUSR1", "sessions": "\(state.sessionCount)"]
        if state.service.isDraining {
            logger.notice(
                "draining: no new players are taken until SIGUSR1 comes again; those who play go on", metadata: metadata
            )
        } else {
            logger.notice("draining is over: new players are taken", metadata: metadata)
        }
    }

    private func logStart(routes: [Route], node: NodeName?) {
        var metadata: Logger.Metadata = [
            "http": "\(http)", "udp": "\(udp)", "tcp": "\(plane.tcp?.description ?? "off")",
            "routes": "\(routes.map { "\($0.name)=\($0.server)" }.joined(separator: " "))",
        ]
        if let node { metadata["node"] = "\(node)" }
        if let metrics { metadata["metrics"] = "\(metrics.localAddress)" }
        let unverified = routes.filter(\.security.isUnverified).map(\.name)
        if !unverified.isEmpty { metadata["unverified"] = "\(unverified.joined(separator: " "))" }
        logger.notice(
            "listening", metadata: metadata.merging(AddressLog.metadata(of: plane.advertised)) { ours, _ in ours })
        for route in unverified {
            logger.warning(
                "the server's certificate is not verified (verify=none): whoever is on the way to it can read and change what players send",
                metadata: ["route": "\(route)"])
        }
    }
}
