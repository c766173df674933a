import Bridge
import Primitives
import SCTP

/// Everything a gateway counts and holds at one moment, as values.
public struct GatewayMetrics: Sendable {
    public var service = ServiceState.serving
    public var sessionLimit = 0
    /// Joins that were refused.
    public var refusals: [JoinRefusal.Kind: UInt64] = [:]
    /// Drops that belong to no session.
    public var strayDrops = DropCounters()
    /// By name.
    public var routes: [RouteMetrics] = []
    public var sctp = SCTPStatistics()
    public var loop = LoopCounters()

    public init() {}

    /// A gateway that is no more.
    public static var stopped: GatewayMetrics {
        var metrics = GatewayMetrics()
        metrics.service = .stopping
        return metrics
    }
}

/// A route at one moment: what its sessions came to, those that live included, and how these are.
public struct RouteMetrics: Sendable {
    public let name: String
    public let profile: Profile
    /// How its server is reached: `enet`, `enets` or `udp`.
    public let scheme: String
    public let isUnverified: Bool
    public internal(set) var counters = RouteCounters()
    public internal(set) var sessions: [SessionState: Int] = [:]
    public internal(set) var queues: [SessionQueue: QueueDepth] = [:]
    /// Whether a server was there for the last player who came to it, or is for one who plays; nil before the first.
    public internal(set) var isServerUp: Bool?
    /// How each of its servers is; none of a route that was taken out.
    public internal(set) var servers: [ServerStatus] = []
    /// Times one of them was ejected.
    public internal(set) var ejections: UInt64 = 0
}

/// What a live session is doing.
public enum SessionState: String, CaseIterable, Sendable {
    /// Its connection to the browser is being set up.
    case joining
    /// The server is being asked.
    case connecting
    case playing
    /// One side is over, and the other is told.
    case ending
}

/// Where messages wait in a session.
public enum SessionQueue: String, CaseIterable, Sendable {
    /// For the browser, because SCTP or the page cannot take them yet.
    case browserReliable = "browser-reliable"
    case browserUnreliable = "browser-unreliable"
    /// For a data channel that the page has not opened yet.
    case unclaimed
    /// For ENet, which is connecting or whose own queue is full.
    case serverBacklog = "server-backlog"
    /// In ENet, for the server.
    case enet
}

/// Bytes that wait in the queues of one kind.
public struct QueueDepth: Equatable, Sendable {
    /// Of all sessions.
    public private(set) var bytes = 0
    /// Of the session that has most.
    public private(set) var most = 0

    public init() {}

    mutating func note(_ bytes: Int) {
        self.bytes += bytes
        most = max(most, bytes)
    }
}

extension GatewayCore {
    /// What there is to tell, but for the shell's part. It looks at each session once.
    public func metrics(at now: Instant) -> GatewayMetrics {
        var metrics = GatewayMetrics()
        metrics.service = service
        metrics.sessionLimit = configuration.sessionLimit
        metrics.refusals = refusals
        metrics.strayDrops = drops
        metrics.sctp = statistics
        metrics.routes = routeMetrics(at: now)
        return metrics
    }

    /// What ended sessions carried.
    public var totals: SessionCounters {
        var totals = routesInUse.carriedByFormer
        for route in Array(configuration.routes.values) + routesInUse.former {
            totals.add(routesInUse[route].record.counters.carried)
        }
        return totals
    }

    /// Notes how long the core took to answer an offer, from its arrival on: only the shell knows.
    public func noteOffer(route name: String, took span: Milliseconds) {
        guard let route = configuration.routes[name] else { return }
        routesInUse[route].record.noteSetup(.offer, took: span)
    }

    private func routeMetrics(at now: Instant) -> [RouteMetrics] {
        var metrics = configuration.routes.mapValues { RouteMetrics($0, routesInUse[$0].record) }
        for route in routesInUse.former { metrics[route.name] = RouteMetrics(route, routesInUse[route].record) }
        for (name, pool) in pools {
            metrics[name]?.servers = pool.status(at: now)
            metrics[name]?.ejections = pool.ejections
        }
        for session in sessions.live {
            metrics[session.route.name]?.add(session)
        }
        return metrics.values.sorted { $0.name < $1.name }
    }
}

extension RouteMetrics {
    fileprivate init(_ route: Route, _ record: RouteRecord) {
        name = route.name
        profile = route.profile
        scheme = route.scheme
        isUnverified = route.security.isUnverified
        counters = record.counters
        isServerUp = record.serverTookLastPlayer
    }

    fileprivate mutating func add(_ session: Session) {
        if let state = session.state {
            sessions[state, default: 0] += 1
            if state == .playing { isServerUp = true }
        }
        session.addCounters(to: &counters.carried)
        for queue in SessionQueue.allCases {
            queues[queue, default: QueueDepth()].note(session.bytes(in: queue))
        }
    }
}

extension Route {
    fileprivate var scheme: String {
        switch security {
        case .none: profile == .datagrams ? "udp" : "enet"
        case .dtls: "enets"
        }
    }
}

extension Session {
    fileprivate var state: SessionState? {
        switch phase {
        case .joining: .joining
        case .connecting, .confirming: .connecting
        case .playing: .playing
        case .farewellToBrowser, .farewellToServer: .ending
        case .ended: nil
        }
    }

    func bytes(in queue: SessionQueue) -> Int {
        switch queue {
        case .browserReliable: browserQueue.reliableBytes
        case .browserUnreliable: browserQueue.unreliableBytes
        case .unclaimed: unclaimed.bytes
        case .serverBacklog: serverBacklog.bytes
        case .enet: server?.leg?.queuedBytes ?? 0
        }
    }
}
