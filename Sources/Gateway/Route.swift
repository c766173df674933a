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
    /// How datagrams get there.
    public var path = ServerPath()
    /// Bytes of the largest IP packet that goes there whole, as configured or as the kernel knows; nil when unknown.
    public var linkMTU: Int?
    /// How much may cross in a second.
    public var rates = RateLimits()
    public var enet = ENetSettings()

    public init(name: String, profile: Profile, server: TransportAddress) {
        self.name = name
        self.profile = profile
        self.server = server
    }
}
