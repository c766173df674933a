import Gateway
import Primitives

/// Where a route's server is, as its operator wrote it.
///
/// The gateway is no way into a network: what a name stands for is in somebody else's hands, so a name that is not
/// allowed more stands for public addresses only. Addresses are used as they are written.
public struct ServerTarget: Equatable, Sendable {
    /// An address or a name.
    public let host: String
    public let port: UInt16
    /// The name may stand for an address of a private network, of the link or of this host.
    public let mayBePrivate: Bool

    public init(host: String, port: UInt16, mayBePrivate: Bool = false) {
        self.host = host
        self.port = port
        self.mayBePrivate = mayBePrivate
    }

    public var isName: Bool { TransportAddress(literal: host, port: 0) == nil }

    /// Looks it up, for which it blocks.
    public func address() throws(NetworkError) -> TransportAddress {
        try address { (name) throws(NetworkError) in try HostLookup.addresses(of: name) }
    }

    /// - Parameter current: where it was found before, and stays if it may.
    func address(
        by lookUp: AdvertisedAddresses.LookUp, staying current: TransportAddress? = nil
    ) throws(NetworkError) -> TransportAddress {
        let found = isName ? try lookUp(host) : [TransportAddress(literal: host, port: 0)].compactMap { $0 }
        let allowed = found.filter(isAllowed).map { $0.with(port: port) }
        if let current, allowed.contains(current) { return current }
        guard let address = HostLookup.preferred(among: allowed) else {
            throw .serverNotAllowed(host, found.first?.host ?? "nothing", isName: isName)
        }
        return address
    }

    private func isAllowed(_ address: TransportAddress) -> Bool {
        switch address.reach {
        case .everywhere: true
        case .nobody: false
        // RFC 6761 §6.3: this name is this host.
        case .host where host == "localhost": true
        case .privateNetwork, .link, .host: mayBePrivate || !isName
        }
    }
}

/// One of a route's servers, as the route lists them.
public struct RouteServerIndex: Hashable, Sendable {
    /// The route's.
    public let name: String
    public let index: Int

    public init(name: String, index: Int = 0) {
        self.name = name
        self.index = index
    }
}

/// The servers whose names are looked up again and again, and where each was found last.
struct ServerNames: Sendable {
    struct Move: Equatable, Sendable {
        let server: RouteServerIndex
        let address: TransportAddress
    }

    private var entries: [(server: RouteServerIndex, target: ServerTarget, address: TransportAddress)] = []

    /// - Parameter targets: the routes' servers as they are written; one that is no name moves with none.
    init(_ routes: some Sequence<Route>, targets: [String: [ServerTarget]]) {
        for route in routes {
            let pairs = zip(targets[route.name] ?? [], route.servers).enumerated()
            for (index, (target, server)) in pairs where target.isName {
                entries.append((RouteServerIndex(name: route.name, index: index), target, server.address))
            }
        }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Looks all up once more, for which it blocks. A server stays where it is while its name still stands for that.
    mutating func refresh(by lookUp: AdvertisedAddresses.LookUp) -> (moves: [Move], failures: [NetworkError]) {
        var moves: [Move] = []
        var failures: [NetworkError] = []
        for index in entries.indices {
            let entry = entries[index]
            do throws(NetworkError) {
                let found = try entry.target.address(by: lookUp, staying: entry.address)
                guard found != entry.address else { continue }
                entries[index].address = found
                moves.append(Move(server: entry.server, address: found))
            } catch {
                failures.append(error)
            }
        }
        return (moves, failures)
    }
}
