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
                let address = interface.pointee.ifa_addr.flatMap(read)
            else { continue }
            addresses.append(address.with(port: port))
        }
        return addresses
    }

    private static func read(_ address: UnsafeMutablePointer<sockaddr>) -> TransportAddress? {
        let size: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: size))
        }
        return SocketAddress.read(storage)
    }
}
