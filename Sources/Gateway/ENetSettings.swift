import ENet

/// How ENet is spoken with the servers of a route.
public struct ENetSettings: Equatable, Sendable {
    /// The server's: ENet negotiates none.
    public var compression = Compression.none

    public init() {}
}
