import Glibc
import Primitives

/// Resolves host names by the operating system's resolver. It blocks: use it at start, never on a worker.
public enum HostLookup {
    /// The host's first IPv4 address, its first IPv6 address where it has no other, or the literal itself.
    ///
    /// The resolver's own order begins with IPv6, on many machines even for `localhost`, but a server of libenet listens
    /// on IPv4 only, and Godot's takes either.
    public static func address(host: String, port: UInt16) throws(NetworkError) -> TransportAddress {
        guard let preferred = preferred(among: try addresses(of: host)) else { throw .withoutAddress(host) }
        return preferred.with(port: port)
    }

    /// All addresses of the host in the resolver's order, or the literal itself; never none. Their port is 0.
    public static func addresses(of host: String) throws(NetworkError) -> [TransportAddress] {
        if let literal = TransportAddress(literal: host, port: 0) { return [literal] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &first)
        defer { if let first { freeaddrinfo(first) } }
        guard result == 0 else {
            throw .hostUnknown(host, cause: String(cString: gai_strerror(result)))
        }
        var found: [TransportAddress] = []
        var next = first
        while let entry = next?.pointee {
            if let address = SocketAddress.read(entry.ai_addr) { found.append(address) }
            next = entry.ai_next
        }
        guard !found.isEmpty else { throw .withoutAddress(host) }
        return found
    }

    static func preferred(among addresses: [TransportAddress]) -> TransportAddress? {
        addresses.first { $0.family == .ipv4 } ?? addresses.first
    }
}
