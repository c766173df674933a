import Bridge
import ENet
import Gateway

/// A `--route` as written: `NAME=SCHEME://HOST:PORT[?OPTION=VALUE[&…]]`.
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
    static let nameLimit = 64

    /// - Parameter text: what was written after `--route`.
    public init(parsing text: String) throws(ConfigurationError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): write NAME=enet://HOST:PORT, like world=enet://127.0.0.1:7777.")
        }
        name = try Self.name(parts[0], in: text)
        let url = try Self.split(parts[1], in: text)
        scheme = url.scheme
        server = try HostPort(parsing: url.target, origin: "--route \(name)", defaultPort: scheme.defaultPort)
        guard server.port != 0 else {
            throw ConfigurationError("--route \(name): a server's port cannot be 0; write the one it listens on.")
        }
        let options = try RouteOptions(parsing: url.options, route: name)
        certificate = try options.certificateRule(scheme: scheme, server: server)
        profile = try options.profile(of: scheme)
        channelCount = try options.channelCount(for: profile)
        connectData = try options.connectData(for: profile)
        path = try options.path()
        mayBePrivate = try options.mayBePrivate()
        rates = try options.rates()
        compression = try options.choice(.compression) ?? .none
    }

    /// Reads several, and refuses a name that comes twice.
    public static func all(_ texts: [String]) throws(ConfigurationError) -> [RouteDefinition] {
        var routes: [RouteDefinition] = []
        for text in texts {
            let route = try RouteDefinition(parsing: text)
            guard !routes.contains(where: { $0.name == route.name }) else {
                throw ConfigurationError("--route \(route.name) is given twice; give each route a name of its own.")
            }
            routes.append(route)
        }
        return routes
    }

    private static func name(_ name: Substring, in text: String) throws(ConfigurationError) -> String {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (1...nameLimit).contains(name.utf8.count), name != ".", name != ".." else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): the name must be 1 to \(nameLimit) letters, digits, dots, dashes or underscores."
            )
        }
        return String(name)
    }

    private static func split(
        _ url: Substring, in text: String
    ) throws(ConfigurationError) -> (scheme: ServerScheme, target: Substring, options: Substring) {
        guard let scheme = ServerScheme.allCases.first(where: { url.hasPrefix("\($0.rawValue)://") }) else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): the server is missing its scheme; write enet://HOST:PORT.")
        }
        let rest = url.dropFirst(scheme.rawValue.utf8.count + "://".utf8.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].contains("/"), !parts[0].contains("@"), !parts[0].contains("#") else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): after \(scheme.rawValue):// comes HOST:PORT, then nothing but ?OPTION=VALUE."
            )
        }
        return (scheme, parts[0], parts.count == 2 ? parts[1] : "")
    }
}
