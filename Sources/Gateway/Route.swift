import Bridge
import ENet
import Primitives
import SDP

/// A named game server players can join, and how its players' connections are made.
public struct Route: Equatable, Sendable {
    public let name: String
    public let profile: Profile
    /// Where the server listens, already looked up.
    public var server: TransportAddress
    /// What protects the way to it.
    public var security = ServerSecurity.none
    /// Profile `channels`: channels asked for in ENet's CONNECT, 1 … 255. The server may have fewer.
    public var channelCount = 255
    /// Profile `channels`: the data word of ENet's CONNECT where a join names none.
    public var connectData: UInt32 = 0
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

    /// Bytes of the largest datagram to the server of a `udp://` route.
    var datagramLimit: Int {
        min(Profile.datagramLimit, DatagramBudget.payload(linkMTU: linkMTU, to: server.family))
    }

    /// Bytes of the largest message a page may send; the answer says so.
    var pageMessageLimit: Int {
        profile == .datagrams ? datagramLimit : DataChannelAnswer.defaultMaxMessageSize
    }
}
