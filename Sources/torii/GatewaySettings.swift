import Configuration
import DataPlane
import Discovery
import Gateway
import Logging
import Operations
import Primitives
import Signaling
import TLS

/// What a gateway is started with, or changed to: settings with their names looked up.
struct GatewaySettings {
    let http: HostPort
    /// Nil for plain HTTP.
    let tls: TLSContext?
    /// Nil for nowhere.
    let metrics: HostPort?
    /// Nil for nowhere.
    let admin: AdminSettings?
    let log: LogOutput.Settings
    let iceServers: ICEServers
    let allowedOrigins: AllowedOrigins
    let tokens: TokenSettings
    /// What the keys that a service publishes are verified by on their way.
    let keysTrust: TLSContext?
    let admissionService: DecidingService?
    let admissionTrust: TLSContext?
    var departure: Departure
    let node: NodeName?
    let proxies: TrustedProxies
    /// How the servers are found of routes that do not name them.
    let discoveries: [RouteDiscovery]
    var dataPlane: DataPlaneSettings

    /// - Parameter routes: the settings' own, or the demo's.
    init(_ settings: Settings, routes: [Route]) throws {
        http = settings.http
        tls = settings.tls
        metrics = settings.metrics
        admin = settings.admin
        log = LogOutput.Settings(settings)
        iceServers = ICEServers(settings.relays)
        allowedOrigins = AllowedOrigins(settings.allowedOrigins)
        tokens = settings.tokens
        keysTrust = try settings.tokens.published.map { try TLSContext.client(authorities: $0.authorities) }
        admissionService = settings.admissionService
        admissionTrust = try settings.admissionService.map { try TLSContext.client(authorities: $0.authorities) }
        departure = Departure(
            timeout: .seconds(UInt64(settings.drainTimeout)), minimum: settings.drainMinimum)
        node = settings.node
        proxies = TrustedProxies(settings.trustedProxies, announceClients: settings.hasProxyProtocol)
        discoveries = try settings.routes.compactMap { try RouteDiscovery($0) }
        var gateway = GatewayConfiguration(routes: routes, advertised: [])
        gateway.sessionLimit = settings.maxSessions
        gateway.joinLimitPerSource = settings.maxJoinsPerAddress
        gateway.sessionLimitPerSource = settings.maxSessionsPerAddress
        gateway.joiningLimit = settings.maxJoining
        gateway.joinsPerSecond = settings.maxJoinsPerSecond
        gateway.rates = settings.rates
        gateway.consentTimeout = .seconds(UInt64(settings.consentTimeout))
        dataPlane = DataPlaneSettings(
            udp: try HostLookup.address(host: settings.udp.host, port: settings.udp.port),
            tcp: try settings.tcp.map { try HostLookup.address(host: $0.host, port: $0.port) },
            advertised: try AdvertisedAddresses(resolving: settings.advertised.map(AdvertisedAddresses.Host.init)),
            advertisedTCP: try AdvertisedAddresses(
                resolving: settings.advertisedTCP.map(AdvertisedAddresses.Host.init)), gateway: gateway)
        dataPlane.rest = WorkerRest(settings)
        dataPlane.servers = Dictionary(
            uniqueKeysWithValues: settings.routes.map { ($0.definition.name, ServerTarget.all(of: $0.definition)) })
    }

    /// Looks up where the routes' servers are, and everything else.
    ///
    /// - Parameter former: what the gateway was told before. A server that is named as then is not looked up: names are
    ///   looked up again and again anyway.
    init(resolving settings: Settings, following former: (settings: Settings, resolved: GatewaySettings)? = nil) throws
    {
        let routes = try settings.routes.map { configured in
            let name = configured.definition.name
            let old = former?.settings.routes.first { $0.definition.name == name }
            let known = old?.definition == configured.definition ? former?.resolved.dataPlane.gateway.routes[name] : nil
            return try Route(resolving: configured, known: known)
        }
        try self.init(settings, routes: routes)
    }
}

extension LogOutput.Settings {
    init(_ settings: Settings) {
        let format: LogFormat =
            switch settings.logFormat {
            case .text: .text
            case .json: .json
            }
        self.init(level: Logger.Level(settings.logLevel), format: format, linesPerSecond: settings.logRate)
    }
}

extension Logger.Level {
    /// Of a choice, in settings or on the admin page, among names that are all swift-log's.
    init(_ choice: some RawRepresentable<String>) {
        guard let level = Logger.Level(rawValue: choice.rawValue) else {
            preconditionFailure("Levels that can be chosen are called as swift-log calls them.")
        }
        self = level
    }
}

extension ICEServers {
    init(_ relays: RelaySettings) {
        self.init(
            stun: relays.urls.filter { !$0.needsCredential }.map(\.text),
            turn: relays.urls.filter(\.needsCredential).map(\.text), secret: relays.secret?.bytes ?? [],
            lifetime: UInt64(relays.lifetime))
    }
}

extension WorkerRest {
    init(_ settings: Settings) {
        self =
            if settings.busyPoll > 0 {
                .polling(for: Milliseconds(nanoseconds: UInt64(settings.busyPoll) * 1_000))
            } else if settings.coalesce > 0 {
                .coalescing(Milliseconds(nanoseconds: UInt64(settings.coalesce) * 1_000))
            } else {
                .sleeping
            }
    }
}

extension AdvertisedAddresses.Host {
    init(_ written: HostPort) {
        self.init(host: written.host, port: written.port)
    }
}
