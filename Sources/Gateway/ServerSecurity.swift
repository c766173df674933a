import DTLS

/// What protects the way between the gateway and a route's server.
public enum ServerSecurity: Equatable, Sendable {
    /// Nothing: ENet as it is.
    case none
    /// Each of ENet's datagrams is a record of DTLS 1.2, as Godot's `dtls_server_setup` expects them.
    ///
    /// - Parameter name: the host name or address that the server is known by.
    case dtls(ServerVerification, name: String)

    /// The most bytes that this adds to each datagram of ENet's: the room that the way's MTU must have beside ENet's.
    public var datagramOverhead: Int {
        switch self {
        case .none: 0
        case .dtls: DTLSConnection.recordOverhead
        }
    }

    /// There is protection, and yet whoever is on the way can pass for the server.
    public var isUnverified: Bool {
        if case .dtls(.none, _) = self { return true }
        return false
    }
}
