/// What is spoken to a route's server: the word before `://`.
public enum ServerScheme: String, CaseIterable, Sendable {
    /// ENet over UDP.
    case enet
    /// ENet over DTLS 1.2 over UDP, as Godot's `dtls_server_setup` makes a server.
    case enets
}
