import Configuration
import DataPlane
import Discovery
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
    /// Of the URLs that pages ask at.
    var scheme: String { tls.now == nil ? "http" : "https" }

    private let plane: DataPlane
    private let signaling: SignalingServer
    private let metrics: MetricsServer?
    private let admin: AdminServer?
    private let adminToken: AdminTokenInUse
    private let signals: OperatorSignals
    private let departure: Departure
    private let logger: Logger
    private let output: LogOutput
    private let iceServers: ICEServersInUse
    private let tls: TLSInUse
    private let entrance: Entrance
    private let journal: ReloadJournal
    private let discoveries: Discoveries
    private let rereading: Rereading?

    // Our choice.
    /// Open files besides sessions' and HTTP connections' sockets: standard ones, listeners, epolls, timers, the page.
    private static let otherDescriptors = 64
    /// How long pages may ask why their sessions ended: not all browsers show them the words of the end itself.
    private static let lastWordTime = Duration.seconds(2)

    /// Where its settings are from, to be read again.
    struct Rereading {
        let sources: SettingsSources
        /// As they were read for the start.
        let settings: Settings
        let resolved: GatewaySettings
        /// The files as they were then.
        let identities: [FileIdentity]?
    }

    /// Starts all of it, or nothing.
    ///
    /// - Parameter rereading: nil where settings are not read again while it runs.
    static func start(
        _ settings: GatewaySettings, site: StaticSite?, rereading: Rereading? = nil
    ) async throws -> RunningGateway {
        let signals = OperatorSignals(takesHangUps: rereading != nil)
        try SocketLayer.verifyIsInstalled()
        try raiseDescriptorLimit(for: settings)
        // libdispatch opens what it waits with at the first wait; where there is no descriptor left for it then, it traps, or
        // that wait never ends.
        try await Task.sleep(for: .milliseconds(1))
        let output = LogOutput(settings.log)
        let journal = ReloadJournal()
        let iceServers = ICEServersInUse(settings.iceServers)
        let tls = TLSInUse(settings.tls)
        let logger = Logger(label: "torii") { _ in LineLogHandler(output: output) }
        let entrance = Entrance(settings, logger: logger)
        let log = SessionLog(logger: logger)
        let sessions = settings.admin == nil ? nil : SessionJournal()
        let adminToken = AdminTokenInUse(settings.admin?.token.bytes ?? [])
        let changes = AddressLog(logger: logger)
        let plane = try await DataPlane.start(
            settings.dataPlane, addressChange: { changes.write($0) },
            report: { event in
                log.write(event)
                sessions?.note(event)
            })
        let discoveries = Discoveries(plane: plane, logger: logger)
        var metrics: MetricsServer?
        var admin: AdminServer?
        do {
            metrics = try await startMetrics(
                at: settings.metrics, of: plane, journal, entrance.admission, discoveries, adminToken)
            if let place = settings.admin?.place, let sessions {
                admin = try await AdminServer.start(
                    host: place.host, port: place.port, token: adminToken,
                    control: Administration(plane: plane, journal: sessions, output: output, logger: logger))
            }
            let signaling = try await SignalingServer.start(
                host: settings.http.host, port: settings.http.port, control: PlaneControl(plane: plane), site: site,
                node: settings.node, iceServers: iceServers, admission: entrance.admission,
                impairment: settings.dataPlane.impairmentSeed == nil ? nil : PlaneImpairment(plane: plane),
                proxies: settings.proxies, tls: tls)
            let gateway = RunningGateway(
                http: signaling.localAddress, udp: plane.udp, tcp: plane.tcp, plane: plane, signaling: signaling,
                metrics: metrics, admin: admin, adminToken: adminToken, signals: signals, departure: settings.departure,
                logger: logger,
                output: output, iceServers: iceServers, tls: tls, entrance: entrance, journal: journal,
                discoveries: discoveries,
                rereading: rereading)
            gateway.logStart(
                routes: settings.dataPlane.gateway.routes.values.sorted { $0.name < $1.name }, node: settings.node)
            discoveries.use(settings)
            return gateway
        } catch {
            await admin?.stop()
            await metrics?.stop()
            await plane.stop()
            throw error
        }
    }

    private static func startMetrics(
        at place: HostPort?, of plane: DataPlane, _ journal: ReloadJournal, _ admission: AdmissionInUse,
        _ discoveries: Discoveries, _ adminToken: AdminTokenInUse
    ) async throws(MetricsStartError) -> MetricsServer? {
        guard let place else { return nil }
        return try await MetricsServer.start(
            host: place.host, port: place.port, mediaType: Exposition.mediaType
        ) {
            MetricsPage(
                version: Torii.version, gateway: await plane.metrics(), process: .now, reloads: journal.counters,
                admissionRefusals: admission.refusals,
                discoveries: discoveries.counters, wrongAdminTokens: adminToken.wrongCount
            ).exposition.text
        }
    }

    /// Serves, or drains, until SIGTERM or SIGINT; then tells every session and returns when all have ended. A second
    /// signal ends the process at once (`OperatorSignals`).
    func runUntilSignalled() async {
        let reloading = rereading.map { rereading in
            let reloader = Reloader(rereading, gateway: self, logger: logger, journal: journal)
            return Task { [signals] in await reloader.run(hangUps: signals.hangUps) }
        }
        let probing = Task { [plane] in await plane.probeServers() }
        defer { probing.cancel() }
        var end: OperatorSignals.Wish
        repeat {
            end = await signals.next()
            if end == .toggleDrain { logDrain(await plane.toggleDrain()) }
        } while end == .toggleDrain
        reloading?.cancel()
        if end == .depart, departure.timeout > 0 { await depart() }
        discoveries.stop()
        logger.notice("stopping: sessions are told; a second signal ends at once")
        await plane.stop()
        // Fails only where the task is cancelled, which nobody does.
        if plane.mayBeAsked { try? await Task.sleep(for: Self.lastWordTime) }
        await signaling.stop()
        await admin?.stop()
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

    /// Is like this from now on, as a whole or not at all, but for its ports. Sessions go on.
    func take(_ settings: GatewaySettings) async throws {
        try Self.raiseDescriptorLimit(for: settings)
        let advertised = try await plane.reload(settings.dataPlane)
        discoveries.use(settings)
        iceServers.now = settings.iceServers
        tls.now = settings.tls
        entrance.take(settings)
        output.settings = settings.log
        if let admin = settings.admin { adminToken.replace(with: admin.token.bytes) }
        logger.debug("answers name these addresses", metadata: AddressLog.metadata(of: advertised))
    }

    private static func raiseDescriptorLimit(for settings: GatewaySettings) throws(NetworkError) {
        try DescriptorLimit.raise(
            to: settings.dataPlane.descriptorCount + Limits().connections + MetricsServer.limits.connections
                + AdminServer.limits.connections
                + otherDescriptors)
    }

    private func logStart(routes: [Route], node: NodeName?) {
        var metadata: Logger.Metadata = [
            "http": "\(http)", "udp": "\(udp)", "tcp": "\(plane.tcp?.description ?? "off")",
            "routes": "\(routes.map(Self.servers).joined(separator: " "))",
        ]
        if tls.now != nil { metadata["tls"] = "on" }
        if let node { metadata["node"] = "\(node)" }
        if let metrics { metadata["metrics"] = "\(metrics.localAddress)" }
        if let admin { metadata["admin"] = "\(admin.localAddress)" }
        let unverified = routes.filter(\.security.isUnverified).map(\.name)
        if !unverified.isEmpty { metadata["unverified"] = "\(unverified.joined(separator: " "))" }
        logger.notice(
            "listening", metadata: metadata.merging(AddressLog.metadata(of: plane.advertised)) { ours, _ in ours })
        warnOfUnverified(routes)
    }

    /// Where a route leads, like `world=127.0.0.1:7777`.
    private static func servers(of route: Route) -> String {
        let servers = route.pool.source ?? route.servers.map(\.address.description).joined(separator: ",")
        return "\(route.name)=\(servers)"
    }

    func warnOfUnverified(_ routes: some Collection<Route>) {
        for route in routes.filter(\.security.isUnverified).map(\.name).sorted() {
            logger.warning(
                "the server's certificate is not verified (verify=none): whoever is on the way to it can read and change what players send",
                metadata: ["route": "\(route)"])
        }
    }
}
