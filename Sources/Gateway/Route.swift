import Bridge
import ENet
import Primitives

/// A named game server players can join, and how its players' connections are made.
public struct Route: Equatable, Sendable {
    public let name: String
    public let profile: Profile
    /// Where the server listens, already looked up.
    public var server: TransportAddress
    /// What protects the way to it.
    public var security = ServerSecurity.none

    public init(name: String, profile: Profile, server: TransportAddress) {
        self.name = name
        self.profile = profile
        self.server = server
    }
}
