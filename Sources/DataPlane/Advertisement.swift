import Primitives

/// What answers name as host candidates.
public struct AdvertisedPorts: Equatable, Sendable {
    public var udp: [TransportAddress]
    /// Empty where there is no TCP port.
    public var tcp: [TransportAddress] = []
}

/// The sockets' addresses and what an operator says about them: together, what answers name.
struct Advertisement: Sendable {
    private var udp: AdvertisedAddresses
    private var tcp: AdvertisedAddresses
    private let boundUDP: TransportAddress
    private let boundTCP: TransportAddress?

    /// - Parameters:
    ///   - udp: empty for the addresses of this host.
    ///   - tcp: empty for those of `udp`, each host once, with the port of `boundTCP`.
    ///   - boundTCP: nil where there is no TCP port.
    init(
        udp: AdvertisedAddresses, tcp: AdvertisedAddresses = AdvertisedAddresses([]), boundUDP: TransportAddress,
        boundTCP: TransportAddress? = nil
    ) {
        self.udp = udp
        self.tcp = tcp
        self.boundUDP = boundUDP
        self.boundTCP = boundTCP
    }

    /// Whether there is anything that may change.
    var hasNames: Bool { udp.hasNames || tcp.hasNames }

    var ports: AdvertisedPorts {
        AdvertisedPorts(
            udp: udp.isEmpty
                ? HostAddresses.reachable(through: boundUDP) : udp.addresses(boundTo: boundUDP.port),
            tcp: boundTCP.map(tcpAddresses) ?? [])
    }

    /// Looks all names up once more, for which it blocks, and returns why some could not be resolved.
    mutating func refresh(by lookUp: AdvertisedAddresses.LookUp) -> [NetworkError] {
        let failures = udp.refresh(by: lookUp)
        return failures + tcp.refresh(by: lookUp).filter { !failures.contains($0) }
    }

    private func tcpAddresses(_ bound: TransportAddress) -> [TransportAddress] {
        if !tcp.isEmpty { return tcp.addresses(boundTo: bound.port) }
        if !udp.isEmpty { return udp.addresses(allAt: bound.port) }
        return HostAddresses.reachable(through: bound)
    }
}
