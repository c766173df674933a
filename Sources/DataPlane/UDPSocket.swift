import CSockets
import Gateway
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
            SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        setBuffers(receive: Self.sharedBufferSize, send: Self.sharedBufferSize)
        // How long datagrams wait is measured; where the kernel does not say, it is not.
        SocketOption.set(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1)
        let result = SocketAddress.withPointer(to: address, family: family) { bind(descriptor, $0, $1) }
        guard result == 0 else { throw NetworkError(binding: address, code: errno) }
    }

    /// A socket of its own for datagrams to and from `address` only; the kernel drops everyone else's.
    init(connectedTo address: TransportAddress, by path: ServerPath = ServerPath()) throws(NetworkError) {
        family = SocketAddress.family(of: address)
        descriptor = try Self.open(family)
        setBuffers(
            receive: Int32(clamping: path.receiveBuffer ?? Int(Self.serverBufferSize)),
            send: Int32(clamping: path.sendBuffer ?? Int(Self.serverBufferSize)))
        try leave(by: path)
        let result = SocketAddress.withPointer(to: address, family: family) { connect(descriptor, $0, $1) }
        guard result == 0 else { throw .refused(call: "connect to \(address)", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// The address it is bound to, the port chosen by the kernel included.
    var localAddress: TransportAddress? {
        SocketAddress.local(of: descriptor)
    }

    private static func open(_ family: Int32) throws(NetworkError) -> Int32 {
        let flags = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw .refused(call: "open a UDP socket", code: errno) }
        return descriptor
    }

    private func setBuffers(receive: Int32, send: Int32) {
        SocketOption.set(descriptor, SOL_SOCKET, SO_RCVBUF, receive)
        SocketOption.set(descriptor, SOL_SOCKET, SO_SNDBUF, send)
    }

    private func leave(by path: ServerPath) throws(NetworkError) {
        if let interface = path.interface {
            let result = setsockopt(
                descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface, socklen_t(interface.utf8.count))
            guard result == 0 else { throw NetworkError(leavingThrough: interface, code: errno) }
        }
        if let codePoint = path.codePoint {
            // RFC 2474 §3: the six upper bits; the lower two are for congestion marks.
            let field = Int32(codePoint) << 2
            if family == AF_INET {
                SocketOption.set(descriptor, Int32(IPPROTO_IP), IP_TOS, field)
            } else {
                SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_TCLASS, field)
            }
        }
        if let source = path.source {
            let result = SocketAddress.withPointer(to: source, family: family) { bind(descriptor, $0, $1) }
            guard result == 0 else { throw .sourceNotOfThisHost(source.host) }
        }
    }
}
