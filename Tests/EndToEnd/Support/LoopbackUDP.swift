import Glibc

/// UDP sockets on 127.0.0.1 or ::1, as the relays of the tests use them.
enum LoopbackUDP {
    /// Somebody's address of either family, as the kernel writes it.
    struct Peer: Hashable {
        fileprivate let bytes: [UInt8]
    }

    /// A socket on a port that the kernel chose; who asked for it closes it.
    static func bound(isIPv6: Bool = false) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = open(isIPv6 ? AF_INET6 : AF_INET)
        var address = isIPv6 ? ipv6 : bytes(of: address(port: 0))
        let isBound = address.withUnsafeMutableBytes { bytes in
            var length = socklen_t(bytes.count)
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
        guard isBound else {
            throw HarnessError("there is no UDP socket for a relay: \(String(cString: strerror(errno)))")
        }
        // Both families have the port in the same place.
        return (descriptor, UInt16(address[2]) << 8 | UInt16(address[3]))
    }

    private static var ipv6: [UInt8] {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        inet_pton(AF_INET6, "::1", &address.sin6_addr)
        return bytes(of: address)
    }

    private static func bytes<Address>(of address: Address) -> [UInt8] {
        withUnsafeBytes(of: address) { Array($0) }
    }

    /// Takes a datagram that is there, and who sent it; nil when there is none.
    static func receive(_ descriptor: Int32, _ buffer: inout [UInt8]) -> (count: Int, peer: Peer)? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
            }
        }
        return count < 0 ? nil : (count, Peer(bytes: Array(bytes(of: storage).prefix(Int(length)))))
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int, to peer: Peer) {
        _ = peer.bytes.withUnsafeBytes { address in
            sendto(
                descriptor, bytes, count, Int32(MSG_NOSIGNAL),
                address.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
        }
    }

    /// A socket for datagrams to and from this port only.
    static func connected(to port: UInt16) -> Int32 {
        let descriptor = open()
        var address = address(port: port)
        _ = with(&address) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        return descriptor
    }

    /// Takes a datagram that is there, and who sent it; negative when there is none.
    static func receive(_ descriptor: Int32, _ buffer: inout [UInt8], from source: inout sockaddr_in) -> Int {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return with(&source) {
            recvfrom(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
        }
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int, to destination: sockaddr_in) {
        var destination = destination
        _ = with(&destination) {
            sendto(descriptor, bytes, count, Int32(MSG_NOSIGNAL), $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }

    static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func open(_ family: Int32 = AF_INET) -> Int32 {
        socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func with<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
