import Primitives

/// Where browsers are told to reach a port: addresses as an operator gives them, and names with what they stand for.
///
/// A name keeps its last good addresses while it cannot be resolved.
public struct AdvertisedAddresses: Sendable {
    /// An address or a name; port 0 stands for the port that is bound.
    public struct Host: Equatable, Sendable {
        public let host: String
        public let port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// How names are resolved: `HostLookup.addresses`, but in tests.
    typealias LookUp = @Sendable (String) throws(NetworkError) -> [TransportAddress]

    private struct Entry: Sendable {
        let host: Host
        let isName: Bool
        var addresses: [TransportAddress]
    }

    // Our choice.
    /// Addresses of one name that are used, so that no name server can fill answers with candidates.
    static let addressLimit = 8

    private var entries: [Entry] = []

    /// Addresses as they are.
    public init(_ addresses: [TransportAddress]) {
        entries = addresses.map {
            Entry(host: Host(host: $0.host, port: $0.port), isName: false, addresses: [$0])
        }
    }

    /// Looks names up, for which it blocks. Throws `hostUnknown` when one cannot be resolved.
    public init(resolving hosts: [Host]) throws(NetworkError) {
        // A closure, because a conversion of the function itself would lose the type of what it throws.
        try self.init(resolving: hosts) { (name) throws(NetworkError) in try HostLookup.addresses(of: name) }
    }

    init(resolving hosts: [Host], by lookUp: LookUp) throws(NetworkError) {
        for host in hosts {
            entries.append(
                Entry(
                    host: host, isName: TransportAddress(literal: host.host, port: 0) == nil,
                    addresses: try Self.addresses(of: host, by: lookUp)))
        }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// Whether there is anything that may change.
    var hasNames: Bool { entries.contains(where: \.isName) }

    /// All of them, each once, in the order given; of a name's, loopback last.
    func addresses(boundTo port: UInt16) -> [TransportAddress] {
        entries.flatMap(\.addresses).reduce(into: []) { list, address in
            let address = address.port == 0 ? address.with(port: port) : address
            if !list.contains(address) { list.append(address) }
        }
    }

    /// All of them at one port whatever the port they came with, each once.
    func addresses(allAt port: UInt16) -> [TransportAddress] {
        entries.flatMap(\.addresses).reduce(into: []) { list, address in
            if !list.contains(address.with(port: port)) { list.append(address.with(port: port)) }
        }
    }

    /// Looks all names up once more, for which it blocks, and returns why some could not be resolved.
    mutating func refresh(by lookUp: LookUp) -> [NetworkError] {
        var failures: [NetworkError] = []
        for index in entries.indices where entries[index].isName {
            do throws(NetworkError) {
                let found = try Self.addresses(of: entries[index].host, by: lookUp)
                // Many name servers change the order with each answer, which is no news.
                if Set(found) != Set(entries[index].addresses) { entries[index].addresses = found }
            } catch {
                failures.append(error)
            }
        }
        return failures
    }

    private static func addresses(
        of host: Host, by lookUp: LookUp
    ) throws(NetworkError) -> [TransportAddress] {
        // Filters answer 0.0.0.0 for what they block, and a link-local address means nothing to anyone else.
        let found = try lookUp(host.host).filter { !$0.isUnspecified && ($0.family == .ipv4 || !$0.isLinkLocal) }
        guard !found.isEmpty else { throw .withoutAddress(host.host) }
        // Debian has a host's own name at 127.0.1.1.
        let ordered = found.filter { !$0.isLoopback } + found.filter(\.isLoopback)
        return ordered.prefix(addressLimit).map { $0.with(port: host.port) }
    }
}
