import Gateway
import Primitives

/// One look for a route's servers. It blocks, no longer than the discovery's timeout but for this host's own resolver.
public struct ServerSearch: Sendable {
    /// How this host resolves a name.
    public typealias LookUp = @Sendable (String) throws -> [TransportAddress]

    private let discovery: RouteDiscovery
    private let lookUp: LookUp

    public init(_ discovery: RouteDiscovery, by lookUp: @escaping LookUp) {
        self.discovery = discovery
        self.lookUp = lookUp
    }

    /// What was found: in order, so that what is the same looks the same. There may be none.
    public func run() throws(DiscoveryError) -> [RouteServer] {
        let deadline = Deadline(in: discovery.timeout)
        switch discovery.source {
        case .file(let path):
            return try located(try ServerList.parse(try TextContents.read(path)), until: deadline)
        case .command(let words):
            return try located(try Self.parse(try CommandOutput.run(words, until: deadline)), until: deadline)
        case .http(let host, let port, let path, let security):
            guard let address = try addresses(of: host, until: deadline).first?.with(port: port) else {
                throw DiscoveryError("\(host) has no address")
            }
            let body = try HTTPDocument.fetch(
                from: address, host: host, path: path, security: security, until: deadline)
            return try located(try ServerList.parse(json: body), until: deadline)
        case .name(let host, let port):
            let found = try addresses(of: host, until: deadline)
            // A name server that lost its memory is no reason to forget servers.
            guard !found.isEmpty else { throw DiscoveryError("\(host) has no address") }
            return try allowed(found.map { RouteServer($0.with(port: port)) }).sorted(by: Self.precedes)
        case .service(let name): return try services(of: name, until: deadline)
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(DiscoveryError) -> [FoundServer] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DiscoveryError("it prints no UTF-8") }
        return try ServerList.parse(text)
    }

    private static func precedes(_ one: RouteServer, _ other: RouteServer) -> Bool {
        one.address.description < other.address.description
    }

    // MARK: - SRV

    private func services(of name: String, until deadline: Deadline) throws(DiscoveryError) -> [RouteServer] {
        let records = try DNSClient(discovery.resolver).records(of: name, .srv, until: deadline)
        let services = records.compactMap { record in
            if case .service(let service) = record, service.port > 0, !service.target.isEmpty { service } else { nil }
        }
        // RFC 2782: the others are for when none of these can be reached.
        guard let priority = services.map(\.priority).min() else { throw DiscoveryError("\(name) has no SRV record") }
        let chosen = services.filter { $0.priority == priority }
        let largest = max(1, Int(chosen.map(\.weight).max() ?? 1))
        var servers: [RouteServer] = []
        for service in chosen.prefix(ServerList.limit) {
            guard let address = try addresses(of: service.target, until: deadline).first else { continue }
            var server = RouteServer(address.with(port: service.port))
            server.name = RouteServer.isName(service.target) ? service.target : nil
            // 16 bits in the DNS, where 0 is the smallest chance.
            let most = RouteServer.weights.upperBound
            server.weight = max(1, largest > most ? Int(service.weight) * most / largest : Int(service.weight))
            servers.append(server)
        }
        guard !servers.isEmpty else { throw DiscoveryError("no server of \(name) has an address") }
        return try allowed(servers).sorted(by: Self.precedes)
    }

    // MARK: - Names

    /// Where servers are that a list names.
    private func located(_ found: [FoundServer], until deadline: Deadline) throws(DiscoveryError) -> [RouteServer] {
        var servers: [RouteServer] = []
        var failure: DiscoveryError?
        for entry in found {
            guard let port = entry.port ?? discovery.defaultPort else {
                throw DiscoveryError("\(entry.host) has no port")
            }
            do throws(DiscoveryError) {
                guard let address = try addresses(of: entry.host, until: deadline).first else {
                    throw DiscoveryError("\(entry.host) has no address")
                }
                var server = RouteServer(address.with(port: port), name: entry.name)
                server.weight = entry.weight ?? server.weight
                server.capacity = entry.capacity
                servers.append(server)
            } catch {
                failure = error
            }
        }
        // One that is not found does not spoil the others.
        if servers.isEmpty, let failure { throw failure }
        return try allowed(servers)
    }

    /// IPv4 first, as elsewhere: libenet listens on nothing else.
    private func addresses(of host: String, until deadline: Deadline) throws(DiscoveryError) -> [TransportAddress] {
        if let literal = TransportAddress(literal: host, port: 0) { return [literal] }
        guard discovery.resolver != nil else { return try lookedUp(host) }
        let client = DNSClient(discovery.resolver)
        var found: [TransportAddress] = []
        for type in [DNSType.a, .aaaa] {
            for case .address(let address) in try client.records(of: host, type, until: deadline) {
                found.append(address)
            }
        }
        return found
    }

    private func lookedUp(_ host: String) throws(DiscoveryError) -> [TransportAddress] {
        do {
            let found = try lookUp(host)
            return found.filter { $0.family == .ipv4 } + found.filter { $0.family == .ipv6 }
        } catch {
            throw DiscoveryError("\(host) cannot be resolved")
        }
    }

    /// The gateway is no way into a network: what somebody else's list names is public, unless the route allows more.
    private func allowed(_ servers: [RouteServer]) throws(DiscoveryError) -> [RouteServer] {
        let allowed = servers.filter { server in
            switch server.address.reach {
            case .everywhere: true
            case .nobody: false
            case .privateNetwork, .link, .host: discovery.mayBePrivate
            }
        }
        guard allowed.isEmpty, let first = servers.first else { return allowed }
        throw DiscoveryError("\(first.address.host) is not public; allow such servers with private=allowed")
    }
}
