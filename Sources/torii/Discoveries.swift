import Configuration
import DataPlane
import Discovery
import Gateway
import Logging
import Operations
import Primitives
import Synchronization

/// Looks for the servers of all routes that have theirs discovered, each on a thread of its own, and tells the data plane.
final class Discoveries: Sendable {
    private struct Running {
        let loop: DiscoveryLoop
        let path: ServerPath
    }

    private let plane: DataPlane
    private let logger: Logger
    private let running = Mutex<[Running]>([])
    private let looks = Mutex<[String: DiscoveryCounters]>([:])

    init(plane: DataPlane, logger: Logger) {
        self.plane = plane
        self.logger = logger
    }

    /// For metrics, by route.
    var counters: [String: DiscoveryCounters] { looks.withLock { $0 } }

    /// Looks for these from now on, and for no others; what is looked for already goes on as before.
    func use(_ settings: GatewaySettings) {
        let routes = settings.dataPlane.gateway.routes
        running.withLock { running in
            let wanted = settings.discoveries.compactMap { discovery in
                routes[discovery.route].map { (discovery: discovery, path: $0.path) }
            }
            for old in running
            where !wanted.contains(where: { ($0.discovery, $0.path) == (old.loop.discovery, old.path) }) {
                old.loop.stop()
            }
            running = wanted.map { discovery, path in
                running.first { ($0.loop.discovery, $0.path) == (discovery, path) } ?? start(discovery, by: path)
            }
            looks.withLock { looks in
                looks = looks.filter { route, _ in wanted.contains { $0.discovery.route == route } }
            }
        }
    }

    /// A look that has begun ends in its own time, and comes to nothing.
    func stop() {
        running.withLock { running in
            for one in running { one.loop.stop() }
            running = []
        }
    }

    private func start(_ discovery: RouteDiscovery, by path: ServerPath) -> Running {
        let loop = DiscoveryLoop(discovery) { try HostLookup.addresses(of: $0) }
        WorkerThread.run { [self] in
            loop.run { outcome in note(outcome, of: discovery, by: path) }
        }
        return Running(loop: loop, path: path)
    }

    private func note(_ outcome: DiscoveryOutcome, of discovery: RouteDiscovery, by path: ServerPath) {
        looks.withLock { $0[discovery.route, default: DiscoveryCounters()].note(isFound: outcome.isFound) }
        switch outcome {
        case .found(let servers, let isNews):
            let placed = servers.map { server in
                var server = server
                server.linkMTU = ServerPlace(server.address, by: path).linkMTU
                return server
            }
            plane.discovered(placed, on: discovery.route, by: discovery.text)
            guard isNews else { return }
            logger.notice(
                "servers found",
                metadata: ["route": "\(discovery.route)", "servers": "\(Self.list(servers))"])
        case .failed(let error, isNews: true):
            logger.warning(
                "The servers of route \(discovery.route) cannot be found: \(error). Its last ones stay in use until then."
            )
        case .failed(_, isNews: false): break
        }
    }

    // Our choice.
    /// Servers that a line of the log names.
    private static let listLimit = 16

    private static func list(_ servers: [RouteServer]) -> String {
        let named = servers.prefix(listLimit).map(\.address.description).joined(separator: " ")
        return servers.count > listLimit ? "\(named) and \(servers.count - listLimit) more" : named
    }
}

extension DiscoveryOutcome {
    fileprivate var isFound: Bool {
        if case .found = self { true } else { false }
    }
}

extension RouteDiscovery {
    /// Nil for a route whose servers are written. Reads the file of authorities.
    init?(_ route: ConfiguredRoute) throws(ConfigurationError) {
        let definition = route.definition
        guard let written = definition.discovery else { return nil }
        self.init(
            route: definition.name, text: written.text,
            source: DiscoverySource(written.source, authorities: try route.discoveryAuthorities()))
        defaultPort = written.defaultPort
        interval = .seconds(UInt64(written.interval))
        timeout = .seconds(UInt64(written.timeout))
        resolver = written.resolver.flatMap { TransportAddress(literal: $0.host, port: $0.port) }
        mayBePrivate = definition.mayBePrivate
    }
}

extension RouteDiscovery {
    var runsProgram: Bool {
        if case .command = source { true } else { false }
    }
}

extension DiscoverySource {
    init(_ source: DiscoveryDefinition.Source, authorities: [UInt8]?) {
        self =
            switch source {
            case .file(let path): .file(path)
            case .name(let place): .name(host: place.host, port: place.port)
            case .service(let name): .service(name)
            case .http(let place, let path, let isSecure):
                .http(
                    host: place.host, port: place.port, path: path,
                    security: isSecure ? .tls(authorities: authorities) : .none)
            case .command(let words): .command(words)
            }
    }
}
