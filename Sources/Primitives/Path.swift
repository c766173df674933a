/// A TCP connection of the shell's. No two in the life of a process have the same number, so that a late word about one
/// that is gone means no other.
public struct TCPConnectionID: Hashable, Sendable {
    public let number: UInt64

    public init(number: UInt64) {
        self.number = number
    }
}

/// How datagrams reach one browser: over the shared UDP port, or framed on a TCP connection that it opened.
public enum Path: Hashable, Sendable {
    case udp(TransportAddress)
    case tcp(TCPConnectionID, TransportAddress)

    /// The browser's end, as seen from here.
    public var address: TransportAddress {
        switch self {
        case .udp(let address), .tcp(_, let address): address
        }
    }

    /// The connection; nil over UDP.
    public var connection: TCPConnectionID? {
        switch self {
        case .udp: nil
        case .tcp(let connection, _): connection
        }
    }

    /// `udp` or `tcp`.
    public var transport: String {
        switch self {
        case .udp: "udp"
        case .tcp: "tcp"
        }
    }

    /// Looked up for each datagram: over TCP the connection says it all.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .udp(let address): hasher.combine(address)
        case .tcp(let connection, _): hasher.combine(connection)
        }
    }
}
