import Gateway

/// What the admin page needs of the rest of the gateway.
public protocol AdminControl: Sendable {
    /// How the gateway is now, or was a moment ago: to find it out takes the sessions' time.
    func report() async -> AdminReport
    /// Some live sessions, in an order of their own.
    ///
    /// - Parameters:
    ///   - place: of the last one that is known already (`SessionDetails.place`); nil for the first ones.
    ///   - limit: how many at most.
    func sessions(after place: Int?, limit: Int) async -> [SessionDetails]
    /// A session that lives, or ended lately.
    func session(_ id: SessionID) async -> AdminSession?
    /// Sessions whose ids begin with the eight digits that the log has, alive or ended lately.
    func sessions(shortened digits: String) -> [SessionID]
    /// Sessions that ended lately, the latest first.
    func endedSessions(limit: Int) -> [AdminSession]
    /// Ends a session.
    ///
    /// - Parameters:
    ///   - words: why, for the player's page and the log.
    ///   - disconnectData: what ENet's DISCONNECT tells the server; nil is 0.
    func remove(_ id: SessionID, because words: String?, disconnectData: UInt32?) async -> Leaving
    /// Begins to capture a session, in the words of pcapng (Deploy/capture.md).
    func capture(_ id: SessionID, _ options: CaptureOptions) async -> Result<AdminCapture, CaptureRefusal>
    /// Takes no players any more, or takes them again; how it is then. A gateway that is departing or stopping goes on
    /// with that.
    func drain(_ isDraining: Bool) async -> ServiceState
    /// What is logged from now on, until the configuration is read again.
    func setLogLevel(_ level: AdminLogLevel)
    var logLevel: AdminLogLevel { get }
}

public struct AdminReport: Sendable {
    public let version: String
    /// Milliseconds since the start.
    public let uptime: UInt64
    public let metrics: GatewayMetrics

    public init(version: String, uptime: UInt64, metrics: GatewayMetrics) {
        self.version = version
        self.uptime = uptime
        self.metrics = metrics
    }
}

/// A capture's file, in pieces.
public struct AdminCapture: Sendable {
    /// Nil when that was all. Whoever is cancelled while it waits wants no more of it.
    public let next: @Sendable () async -> [UInt8]?

    public init(next: @escaping @Sendable () async -> [UInt8]?) {
        self.next = next
    }
}

/// One session: how it is, if it lives, and what happened to it.
public struct AdminSession: Sendable {
    public let id: SessionID
    public let route: String
    /// Nil where the route has one.
    public let server: String?
    /// Nil once it has ended.
    public let details: SessionDetails?
    public let timeline: SessionTimeline
    /// Nil while it lives.
    public let carried: SessionCounters?

    public init(
        id: SessionID, route: String, server: String?, details: SessionDetails?, timeline: SessionTimeline,
        carried: SessionCounters?
    ) {
        self.id = id
        self.route = route
        self.server = server
        self.details = details
        self.timeline = timeline
        self.carried = carried
    }
}

/// The least that is logged.
public enum AdminLogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, warning, error
}
