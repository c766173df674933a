import Bridge
import ENet
import Gateway

/// What a route as written comes to.
public struct RouteDefinition: Equatable, Sendable {
    public let name: String
    public let scheme: ServerScheme
    public let origin: ServerOrigin
    public let profile: Profile
    /// How the server's certificate is verified; nil for a scheme without one.
    public let certificate: CertificateRule?
    /// Channels asked for in ENet's CONNECT; nil when nothing was written.
    public let channelCount: Int?
    /// The data word of ENet's CONNECT where a join names none; nil when nothing was written.
    public let connectData: UInt32?
    /// How datagrams get to the server.
    public let path: ServerPath
    /// The server's name may stand for a private address.
    public let mayBePrivate: Bool
    /// How much may cross in a second.
    public let rates: RateLimits
    /// How the server compresses its ENet datagrams.
    public let compression: Compression
    /// Which of several servers a player gets.
    public let pool: PoolRules

    // Our choice.
    /// Godot games use no port by convention but V-Sekai's and Godot's own examples do: 7777.
    public static let defaultPort: UInt16 = 7777

    /// - Parameter text: what was written after `--route`.
    public init(parsing text: String) throws(ConfigurationError) {
        try self.init(try WrittenRoute(parsing: text, .flag))
    }

    public init(_ written: WrittenRoute) throws(ConfigurationError) {
        name = written.name
        let options = RouteOptions(written)
        let (scheme, origin) = try Self.origin(of: written, options)
        (self.scheme, self.origin) = (scheme, origin)
        certificate = try options.certificateRule(
            scheme: scheme, host: Self.commonHost(origin), example: Self.firstPlace(origin))
        profile = try options.profile(of: scheme)
        channelCount = try options.channelCount(for: profile)
        connectData = try options.connectData(for: profile)
        path = try options.path()
        mayBePrivate = try options.mayBePrivate()
        rates = try options.rates()
        compression = try options.choice(.compression) ?? .none
        var pool = try options.poolRules(isPool: Self.isPool(origin))
        pool.probeInterval = try options.probeInterval(scheme: scheme)
        if case .discovered(let discovery) = origin { pool.source = discovery.text }
        self.pool = pool
    }

    /// The servers that are written; none where they are discovered.
    public var servers: [ListedServer] {
        if case .listed(let servers) = origin { servers } else { [] }
    }

    public var discovery: DiscoveryDefinition? {
        if case .discovered(let discovery) = origin { discovery } else { nil }
    }

    private static func isPool(_ origin: ServerOrigin) -> Bool {
        switch origin {
        case .listed(let servers): servers.count > 1
        case .discovered: true
        }
    }

    private static func firstPlace(_ origin: ServerOrigin) -> HostPort? {
        if case .listed(let servers) = origin { servers.first?.place } else { nil }
    }

    /// The host that all servers are known by; nil where there is none.
    private static func commonHost(_ origin: ServerOrigin) -> String? {
        switch origin {
        case .listed(let servers):
            return Set(servers.map(\.place.host)).count == 1 ? servers.first?.place.host : nil
        case .discovered(let discovery):
            if case .name(let place) = discovery.source { return place.host }
            return nil
        }
    }

    private static func origin(
        of written: WrittenRoute, _ options: RouteOptions
    ) throws(ConfigurationError) -> (ServerScheme, ServerOrigin) {
        var scheme: ServerScheme?
        var servers: [ListedServer] = []
        for server in written.servers {
            let place = server.origin.place(ofRoute: written.name)
            let url = try ServerURL(server.text, place: place, isInFile: server.origin.line != nil, first: scheme)
            scheme = url.scheme
            if let kind = url.discovery {
                guard written.servers.count == 1 else {
                    throw ConfigurationError("\(place): servers that are discovered stand alone; take out the others.")
                }
                let discovery = try options.discovery(
                    kind, url.target, text: server.text, scheme: url.scheme, place: place)
                return (url.scheme, .discovered(discovery))
            }
            servers.append(
                try ListedServer(parsing: url.target, place: place, defaultPort: url.scheme.defaultPort))
        }
        try options.refuseDiscovery()
        guard let scheme, !servers.isEmpty else {
            throw ConfigurationError("\(written.place) has no server; write server: enet://HOST:PORT under it.")
        }
        return (scheme, .listed(servers))
    }
}
