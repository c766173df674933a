import CSockets
import Glibc
import Primitives

/// A non-blocking UDP socket, closed with the object.
final class UDPSocket {
    let descriptor: Int32
    /// AF_INET or AF_INET6.
    let family: Int32

    // Our choice: room for a burst while the worker is busy; the kernel grants what its limits allow.
    static let sharedBufferSize: Int32 = 4 << 20
    static let serverBufferSize: Int32 = 256 * 1024

    /// A socket bound to `address`, for datagrams from and to anyone. An IPv6 one also takes IPv4.
    init(boundTo address: TransportAddress) throws(NetworkError) {
        family = SocketAddress.family(of: address)
        descriptor = try Self.open(family)
        if family == AF_INET6 {
            Self.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        setBuffers(Self.sharedBufferSize)
        let result = withSocketAddress(address) { bind(descriptor, $0, $1) }
        guard result == 0 else { throw NetworkError(binding: address, code: errno) }
    }

    /// A socket of its own for datagrams to and from `address` only; the kernel drops everyone else's.
    init(connectedTo address: TransportAddress) throws(NetworkError) {
        family = SocketAddress.family(of: address)
        descriptor = try Self.open(family)
        setBuffers(Self.serverBufferSize)
        let result = withSocketAddress(address) { connect(descriptor, $0, $1) }
        guard result == 0 else { throw .refused(call: "connect to \(address)", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// The address it is bound to, the port chosen by the kernel included.
    var localAddress: TransportAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return result == 0 ? SocketAddress.read(storage) : nil
    }

    private static func open(_ family: Int32) throws(NetworkError) -> Int32 {
        let flags = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw .refused(call: "open a UDP socket", code: errno) }
        return descriptor
    }

    private func setBuffers(_ size: Int32) {
        Self.set(descriptor, SOL_SOCKET, SO_RCVBUF, size)
        Self.set(descriptor, SOL_SOCKET, SO_SNDBUF, size)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func withSocketAddress(
        _ address: TransportAddress, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) -> Int32 {
        var storage = sockaddr_storage()
        guard let length = SocketAddress.write(address, family: family, to: &storage) else { return -1 }
        return withUnsafeBytes(of: &storage) { bytes in
            body(bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}
