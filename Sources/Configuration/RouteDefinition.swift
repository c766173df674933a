import Bridge

/// A `--route` as written: `NAME=enet://HOST:PORT[?profile=PROFILE]`.
public struct RouteDefinition: Equatable, Sendable {
    public let name: String
    public let server: HostPort
    public let profile: Profile

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
        let (target, options) = try Self.target(parts[1], in: text)
        server = try HostPort(parsing: target, origin: "--route \(name)", defaultPort: Self.defaultPort)
        guard server.port != 0 else {
            throw ConfigurationError("--route \(name): a server's port cannot be 0; write the one it listens on.")
        }
        profile = try Self.profile(options, route: name)
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

    private static func target(
        _ url: Substring, in text: String
    ) throws(ConfigurationError) -> (Substring, Substring) {
        let scheme = "enet://"
        guard url.hasPrefix(scheme) else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): the server is missing its scheme; write enet://HOST:PORT.")
        }
        let rest = url.dropFirst(scheme.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard !parts[0].contains("/"), !parts[0].contains("@"), !parts[0].contains("#") else {
            throw ConfigurationError(
                "--route \(AsWritten(text)): after enet:// comes HOST:PORT, then nothing but ?profile=PROFILE.")
        }
        return (parts[0], parts.count == 2 ? parts[1] : "")
    }

    private static func profile(_ options: Substring, route: String) throws(ConfigurationError) -> Profile {
        var profile: Profile?
        for option in options.split(separator: "&") {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair[0] == "profile" else {
                throw ConfigurationError(
                    "--route \(route): there is no option \(AsWritten(pair[0])); the options are: profile.")
            }
            guard profile == nil else {
                throw ConfigurationError("--route \(route): profile is given twice; give it once.")
            }
            guard pair.count == 2, let known = Profile(rawValue: String(pair[1])) else {
                let names = Profile.allCases.map(\.rawValue).joined(separator: " or ")
                throw ConfigurationError("--route \(route): profile must be \(names); write it like ?profile=channels.")
            }
            profile = known
        }
        return profile ?? .godot4
    }
}
