import Glibc
import Primitives

/// Resolves host names by the operating system's resolver. It blocks: use it at start, never on a worker.
public enum HostLookup {
    /// The host's first address, or the literal itself.
    public static func address(host: String, port: UInt16) throws(NetworkError) -> TransportAddress {
        if let literal = TransportAddress(literal: host, port: port) { return literal }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &first)
        defer { if let first { freeaddrinfo(first) } }
        guard result == 0, let found = first, let address = found.pointee.ai_addr else {
            throw .hostUnknown(host, cause: String(cString: gai_strerror(result)))
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(found.pointee.ai_addrlen)))
        }
        guard let resolved = SocketAddress.read(storage) else {
            throw .hostUnknown(host, cause: "it has neither an IPv4 nor an IPv6 address")
        }
        return resolved.with(port: port)
    }
}
