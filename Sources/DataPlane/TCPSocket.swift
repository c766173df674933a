import CSockets
import Glibc
import Primitives

/// A non-blocking TCP connection that was accepted, closed with the object.
final class TCPSocket {
    let descriptor: Int32

    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        // A datagram waits for nothing.
        SocketOption.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    }

    deinit {
        close(descriptor)
    }

    enum Reading {
        case bytes(Int)
        case nothing
        /// The other side has said that no more comes, or the connection broke.
        case ended
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .nothing }
        return .ended
    }

    enum Writing {
        /// How many bytes the kernel took: 0 when it has no room.
        case took(Int)
        case ended
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Writing {
        let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .took(count) }
        return errno == EAGAIN || errno == EINTR ? .took(0) : .ended
    }

    /// Says that no more comes, once what the kernel has is sent.
    func finish() {
        shutdown(descriptor, Int32(SHUT_WR))
    }
}

/// The TCP port that browsers connect to where UDP is blocked, closed with the object.
final class TCPListener {
    let descriptor: Int32
    /// The address it is bound to, the port chosen by the kernel included.
    let localAddress: TransportAddress

    // Our choice.
    /// Connections the kernel keeps while we have not accepted them.
    private static let backlog: Int32 = 256
    /// Bytes the kernel keeps for a connection each way: what a game needs, and no more for one that does not read.
    private static let bufferSize: Int32 = 128 * 1024

    /// Listens at `address`; at an IPv6 one for IPv4 too.
    init(boundTo address: TransportAddress) throws(NetworkError) {
        let family = SocketAddress.family(of: address)
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, flags, 0)
        guard descriptor >= 0 else { throw .refused(call: "open a TCP socket", code: errno) }
        do throws(NetworkError) {
            localAddress = try Self.listen(descriptor, family, address)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    enum Acceptance {
        case connection(TCPSocket, from: TransportAddress)
        case nothing
        /// That one broke before it was accepted.
        case broken
        /// No descriptor or memory is left.
        case exhausted
    }

    func accept() -> Acceptance {
        var storage = sockaddr_storage()
        let result = torii_accept(descriptor, &storage)
        switch result {
        case 0...:
            let socket = TCPSocket(accepted: result)
            return SocketAddress.read(storage).map { .connection(socket, from: $0) } ?? .broken
        case -EAGAIN: return .nothing
        case -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM: return .exhausted
        default: return .broken
        }
    }

    private static func listen(
        _ descriptor: Int32, _ family: Int32, _ address: TransportAddress
    ) throws(NetworkError) -> TransportAddress {
        if family == AF_INET6 {
            SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        // Connections of an earlier run that still wait for late packets keep nobody from the port.
        SocketOption.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        SocketOption.set(descriptor, SOL_SOCKET, SO_RCVBUF, bufferSize)
        SocketOption.set(descriptor, SOL_SOCKET, SO_SNDBUF, bufferSize)
        let bound = SocketAddress.withPointer(to: address, family: family) { bind(descriptor, $0, $1) }
        guard bound == 0 else { throw NetworkError(binding: address, .tcp, code: errno) }
        // Two sockets that may share a port when bound may not when listening.
        guard Glibc.listen(descriptor, backlog) == 0 else { throw NetworkError(binding: address, .tcp, code: errno) }
        return SocketAddress.local(of: descriptor) ?? address
    }
}
