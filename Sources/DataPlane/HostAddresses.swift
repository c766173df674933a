import Glibc
import Primitives

/// The addresses under which a socket of this host can be reached.
public enum HostAddresses {
    /// What to put into answers for a socket bound to `bound`: that address, or, when it stands for all, every address
    /// of an interface that is up, loopback last. Link-local IPv6 is left out: it means nothing without an interface.
    public static func reachable(through bound: TransportAddress) -> [TransportAddress] {
        guard bound.isUnspecified else { return [bound] }
        let all = interfaceAddresses(port: bound.port).filter { address in
            !address.isLinkLocal && (bound.family == .ipv6 || address.family == .ipv4)
        }
        let distinct = all.reduce(into: [TransportAddress]()) { list, address in
            if !list.contains(address) { list.append(address) }
        }
        return distinct.filter { !$0.isLoopback } + distinct.filter(\.isLoopback)
    }

    private static func interfaceAddresses(port: UInt16) -> [TransportAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var addresses: [TransportAddress] = []
        var next = first
        while let interface = next {
            defer { next = interface.pointee.ifa_next }
            guard interface.pointee.ifa_flags & UInt32(IFF_UP) != 0,
                let address = SocketAddress.read(interface.pointee.ifa_addr)
            else { continue }
            addresses.append(address.with(port: port))
        }
        return addresses
    }
}
