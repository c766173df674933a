import Primitives

/// Everything the gateway's core is told; times and bounds have defaults.
public struct GatewayConfiguration: Sendable {
    public var routes: [String: Route]
    /// The addresses put into answers as UDP host candidates, best first.
    public var advertised: [TransportAddress]
    /// The same for TCP; empty where there is no TCP port.
    public var advertisedTCP: [TransportAddress] = []
    /// Sessions at once, those still joining included.
    public var sessionLimit = 1000
    /// Joins that one source may have under way at once, and begin within `JoinLimit.span`; 0 is no limit. The host
    /// itself has none.
    public var joinLimitPerSource = 64
    /// Sessions that one source may have at once; 0 is no limit. The host itself has none.
    public var sessionLimitPerSource = 0
    /// Joins under way at once, from everywhere together; 0 is no limit.
    public var joiningLimit = 0
    /// Joins that may begin in a second, from everywhere together; 0 is no limit.
    public var joinsPerSecond = 0
    /// What may cross in a second, of one source and altogether. The host itself has only the latter.
    public var rates: OverallRates {
        get { overallRates.first ?? OverallRates() }
        set { overallRates = [newValue] }
    }
    /// One, or none for no limits: on the heap, because every session has a copy of all this and no use for these.
    private var overallRates: [OverallRates] = []
    /// From the offer to messages flowing; after that the session ends.
    public var joinTimeout: Milliseconds = 15_000
    /// Without a valid connectivity check for this long, the browser is gone (RFC 7675 §5.1 lets go after 30 s;
    /// browsers check every 2.5 to 5.5 s).
    public var consentTimeout: Milliseconds = 20_000
    /// How long a server may leave ENet's CONNECT unanswered.
    public var serverConnectTimeout: Milliseconds = 5_000
    /// How long a server may leave the first ping after CONNECT unanswered before it counts as a silent refusal.
    public var serverAcceptTimeout: Milliseconds = 3_000
    /// How long what is still queued may take to reach the side that stays, once the other has left.
    public var farewellTimeout: Milliseconds = 3_000
    /// How long reliable messages may find no room before the session ends.
    public var stallTimeout: Milliseconds = 10_000

    /// How long new answers name one certificate; it is valid for `Certificate.lifetimeInDays`, and sessions may be long.
    public var certificateLifetime: Milliseconds = .seconds(7 * 24 * 3600)

    public init(routes: [Route], advertised: [TransportAddress]) {
        self.routes = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.advertised = advertised
    }
}
