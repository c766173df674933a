/// What is spoken to a route's server: the word before `://`.
public enum ServerScheme: String, CaseIterable, Sendable {
    /// ENet over UDP.
    case enet
    /// UDP datagrams that carry a protocol of the game's own.
    case udp

    /// The port where none is written; nil when one must be.
    var defaultPort: UInt16? {
        switch self {
        case .enet: RouteDefinition.defaultPort
        case .udp: nil
        }
    }
}
