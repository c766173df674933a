/// What is spoken to a route's server: the word before `://`.
public enum ServerScheme: String, CaseIterable, Sendable {
    /// ENet over UDP.
    case enet
}
