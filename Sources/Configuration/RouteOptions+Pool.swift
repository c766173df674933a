import Gateway
import Primitives

// Several servers: which of them a player gets, and how they are found.
extension RouteOptions {
    // Our choice.
    private static let usualEjection = 3
    private static let usualSlowStart = 10
    private static let usualInterval = 30
    private static let usualTimeout = 5

    /// - Parameter isPool: whether there may be more than one server; what is for several is not assumed for one.
    func poolRules(isPool: Bool) throws(ConfigurationError) -> PoolRules {
        var rules = PoolRules()
        rules.balance = try choice(.balance) ?? .leastSessions
        rules.choice = try serverChoice()
        rules.capacity = try number(.capacity, in: RouteServer.capacities, "sessions")
        rules.ejectAfter = try number(.ejectAfter, in: 0...1000, "players") ?? (isPool ? Self.usualEjection : 0)
        let slowStart = try number(.slowStart, in: 0...3600, "seconds") ?? (isPool ? Self.usualSlowStart : 0)
        rules.slowStart = .seconds(UInt64(slowStart))
        return rules
    }

    /// How often servers are probed; nil for never.
    func probeInterval(scheme: ServerScheme) throws(ConfigurationError) -> Milliseconds? {
        guard let interval = try number(.probe, in: 0...3600, "seconds"), interval > 0 else { return nil }
        guard scheme != .udp else {
            throw ConfigurationError(
                "\(place(.probe)): udp:// servers cannot be probed, as nobody knows what they answer a stranger; leave probe out."
            )
        }
        return .seconds(UInt64(interval))
    }

    func discovery(
        _ kind: DiscoveryKind, _ target: Substring, text: String, scheme: ServerScheme, place: String
    ) throws(ConfigurationError) -> DiscoveryDefinition {
        let port = scheme.defaultPort
        return DiscoveryDefinition(
            source: try Self.source(kind, target, defaultPort: port, place: place), text: text,
            defaultPort: port,
            interval: try number(.discoveryInterval, in: 1...86_400, "seconds") ?? Self.usualInterval,
            timeout: try number(.discoveryTimeout, in: 1...60, "seconds") ?? Self.usualTimeout,
            resolver: try resolver(kind), authorityFile: try authorityFile(kind))
    }

    /// What is for discovered servers only is refused for others.
    func refuseDiscovery() throws(ConfigurationError) {
        for option in [RouteOption.discoveryInterval, .discoveryTimeout, .discoveryCA, .resolver]
        where self[option] != nil {
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) is for servers that are discovered, as with enet+dns://; leave it out."
            )
        }
    }

    private static func source(
        _ kind: DiscoveryKind, _ target: Substring, defaultPort: UInt16?, place: String
    ) throws(ConfigurationError) -> DiscoveryDefinition.Source {
        switch kind {
        case .file:
            guard target.hasPrefix("/") else {
                throw ConfigurationError(
                    "\(place): after +file:// comes the file's whole path, like +file:///etc/torii/servers.")
            }
            return .file(String(target))
        case .command:
            let words = target.split(separator: " ").map(String.init)
            guard target.hasPrefix("/") else {
                throw ConfigurationError(
                    "\(place): after +command:// comes the program's whole path, like +command:///usr/bin/list-servers."
                )
            }
            return .command(words)
        case .dns: return .name(try HostPort(parsing: target, origin: place, defaultPort: defaultPort))
        case .srv:
            guard HostPort.isHost(target), !target.contains(":"), target.hasPrefix("_") else {
                throw ConfigurationError(
                    "\(place): after +srv:// comes the name of SRV records, like +srv://_game._udp.example.org.")
            }
            return .service(String(target))
        case .http, .https:
            let slash = target.firstIndex(of: "/") ?? target.endIndex
            let path = target[slash...]
            guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ConfigurationError(
                    "\(place): a URL has no spaces and no letters beyond ASCII; percent-encode them.")
            }
            return .http(
                try HostPort(parsing: target[..<slash], origin: place, defaultPort: kind == .https ? 443 : 80),
                path: path.isEmpty ? "/" : String(path), isSecure: kind == .https)
        }
    }

    private func authorityFile(_ kind: DiscoveryKind) throws(ConfigurationError) -> String? {
        guard let file = self[.discoveryCA] else { return nil }
        guard kind == .https else {
            throw ConfigurationError("\(place(.discoveryCA)): discovery-ca is for +https:// only; leave it out.")
        }
        guard !file.isEmpty else {
            throw ConfigurationError(
                "\(place(.discoveryCA)): discovery-ca names no file; write it like \(example(.discoveryCA, "authority.pem"))."
            )
        }
        return String(file)
    }

    private func resolver(_ kind: DiscoveryKind) throws(ConfigurationError) -> HostPort? {
        guard let text = self[.resolver] else { return nil }
        guard kind == .dns || kind == .srv else {
            throw ConfigurationError("\(place(.resolver)): resolver is for +dns:// and +srv:// only; leave it out.")
        }
        let resolver = try HostPort(parsing: text, origin: "\(place(.resolver)): resolver", defaultPort: 53)
        guard TransportAddress(literal: resolver.host, port: 0) != nil else {
            throw ConfigurationError(
                "\(place(.resolver)): resolver must be an address, like \(example(.resolver, "127.0.0.53")).")
        }
        return resolver
    }

    private func serverChoice() throws(ConfigurationError) -> ServerChoice {
        guard let text = self[.choose] else { return .none }
        guard text != "any" else { return .any }
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.allSatisfy({ RouteServer.isName($0) }) else {
            throw ConfigurationError(
                "\(place(.choose)): choose must be any, or the names of the servers a page may ask for, like \(example(.choose, "eu,us"))."
            )
        }
        return .these(Set(names.map(String.init)))
    }
}
