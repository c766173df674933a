import Gateway
import Glibc
import Primitives

/// Where a route's server is, and what goes there whole.
public struct ServerPlace: Equatable, Sendable {
    public let server: TransportAddress
    /// Bytes of the largest IP packet; nil when nobody knows.
    public let linkMTU: Int?

    /// What the path says goes before what the kernel says. Throws when this host cannot do what the path asks for.
    public init(checking server: TransportAddress, by path: ServerPath) throws(NetworkError) {
        self.server = server
        let known = try ServerProbe.linkMTU(to: server, by: path)
        linkMTU = path.linkMTU ?? known
    }

    /// The same for a server that moved, where there is nobody to tell that the path cannot be had: players will be.
    public init(_ server: TransportAddress, by path: ServerPath) {
        self.server = server
        linkMTU = path.linkMTU ?? (try? ServerProbe.linkMTU(to: server, by: path))
    }
}

/// Tries a route's way to its server with a socket like its players', and sends nothing.
enum ServerProbe {
    /// Bytes of the largest IP packet that goes there whole, as far as the kernel knows: its interface's, or what the
    /// network told it before. Nil when there is no way there at the moment.
    ///
    /// Throws when this host cannot do what the path asks for.
    static func linkMTU(to server: TransportAddress, by path: ServerPath) throws(NetworkError) -> Int? {
        let socket: UDPSocket
        do throws(NetworkError) {
            socket = try UDPSocket(connectedTo: server, by: path)
        } catch {
            if case .refused(_, ENETUNREACH) = error { return nil }
            if case .refused(_, EHOSTUNREACH) = error { return nil }
            throw error
        }
        let isIPv4 = socket.family == AF_INET
        return SocketOption.get(
            socket.descriptor, Int32(isIPv4 ? IPPROTO_IP : IPPROTO_IPV6), isIPv4 ? IP_MTU : IPV6_MTU
        ).map { Int($0) }
    }
}
