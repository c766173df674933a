import Bridge
import ENet
import Primitives
import SDP

/// A game server players can join under a name, or several that are alike, and how players' connections are made.
public struct Route: Equatable, Sendable {
    public let name: String
    public let profile: Profile
    /// Where players go; none while none has been found.
    public var servers: [RouteServer]
    /// Which of them a player gets.
    public var pool: PoolRules {
        get { rules.first ?? PoolRules() }
        set { rules = [newValue] }
    }
    /// One, or none for the usual ones: on the heap, because every session has a copy of its route and no use for these.
    private var rules: [PoolRules] = []
    /// What protects the way to it.
    public var security = ServerSecurity.none
    /// Profile `channels`: channels asked for in ENet's CONNECT, 1 … 255. The server may have fewer.
    public var channelCount = 255
    /// Profile `channels`: the data word of ENet's CONNECT where a join names none.
    public var connectData: UInt32 = 0
    /// How datagrams get there.
    public var path = ServerPath()
    /// How much may cross in a second.
    public var rates = RateLimits()
    public var enet = ENetSettings()

    public init(name: String, profile: Profile, servers: [RouteServer]) {
        self.name = name
        self.profile = profile
        self.servers = servers
    }

    public init(name: String, profile: Profile, server: TransportAddress) {
        self.init(name: name, profile: profile, servers: [RouteServer(server)])
    }

    /// Whether there may be more than one server.
    var isPool: Bool { servers.count > 1 || pool.source != nil }

    /// Bytes of the largest datagram to a server of a `udp://` route.
    func datagramLimit(to server: RouteServer) -> Int {
        min(Profile.datagramLimit, DatagramBudget.payload(linkMTU: server.linkMTU, to: server.address.family))
    }

    /// Bytes of the largest message a page may send; the answer says so.
    func pageMessageLimit(to server: RouteServer) -> Int {
        profile == .datagrams ? datagramLimit(to: server) : DataChannelAnswer.defaultMaxMessageSize
    }
}
