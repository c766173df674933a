import Bridge
import ENet
import Gateway

/// What a route as written comes to.
public struct RouteDefinition: Equatable, Sendable {
    public let name: String
    public let scheme: ServerScheme
    public let server: HostPort
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

    // Our choice.
    /// Godot games use no port by convention but V-Sekai's and Godot's own examples do: 7777.
    public static let defaultPort: UInt16 = 7777

    /// - Parameter text: what was written after `--route`.
    public init(parsing text: String) throws(ConfigurationError) {
        try self.init(try WrittenRoute(parsing: text, .flag))
    }

    public init(_ written: WrittenRoute) throws(ConfigurationError) {
        name = written.name
        let place = written.server.origin.place(ofRoute: written.name)
        let url = try Self.split(written, place: place)
        scheme = url.scheme
        server = try HostPort(parsing: url.target, origin: place, defaultPort: scheme.defaultPort)
        guard server.port != 0 else {
            throw ConfigurationError("\(place): a server's port cannot be 0; write the one it listens on.")
        }
        let options = RouteOptions(written)
        certificate = try options.certificateRule(scheme: scheme, server: server)
        profile = try options.profile(of: scheme)
        channelCount = try options.channelCount(for: profile)
        connectData = try options.connectData(for: profile)
        path = try options.path()
        mayBePrivate = try options.mayBePrivate()
        rates = try options.rates()
        compression = try options.choice(.compression) ?? .none
    }

    private static func split(
        _ written: WrittenRoute, place: String
    ) throws(ConfigurationError) -> (scheme: ServerScheme, target: Substring) {
        let url = written.server.text
        guard let scheme = ServerScheme.allCases.first(where: { url.hasPrefix("\($0.rawValue)://") }) else {
            throw ConfigurationError("\(place): the server is missing its scheme; write enet://HOST:PORT.")
        }
        let target = url.dropFirst(scheme.rawValue.utf8.count + "://".utf8.count)
        guard !target.contains("/"), !target.contains("@"), !target.contains("#"), !target.contains("?") else {
            let rest =
                written.origin.line == nil ? "then nothing but ?OPTION=VALUE" : "and options are keys of their own"
            throw ConfigurationError("\(place): after \(scheme.rawValue):// comes HOST:PORT, \(rest).")
        }
        return (scheme, target)
    }
}
