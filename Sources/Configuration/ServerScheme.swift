/// What is spoken to a route's server: the word before `://`.
public enum ServerScheme: String, CaseIterable, Sendable {
    /// ENet over UDP.
    case enet
    /// ENet over DTLS 1.2 over UDP, as Godot's `dtls_server_setup` makes a server.
    case enets
    /// UDP datagrams that carry a protocol of the game's own.
    case udp

    /// The port where none is written; nil when one must be.
    var defaultPort: UInt16? {
        switch self {
        case .enet, .enets: RouteDefinition.defaultPort
        case .udp: nil
        }
    }
}
