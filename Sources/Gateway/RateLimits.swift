import Primitives

/// The most that may cross in a second; nil is no limit.
public struct RateLimit: Hashable, Sendable {
    public var messages: Int?
    public var bytes: Int?

    public init(messages: Int? = nil, bytes: Int? = nil) {
        self.messages = messages
        self.bytes = bytes
    }
}

/// A route's limits: for each of its sessions, and for all of them together.
public struct RateLimits: Hashable, Sendable {
    public var sessionToServer = RateLimit()
    public var sessionToBrowser = RateLimit()
    public var routeToServer = RateLimit()
    public var routeToBrowser = RateLimit()

    public init() {}
}

/// A limit's buckets as they are now.
struct RateBuckets {
    private var messages: TokenBucket?
    private var bytes: TokenBucket?

    init(_ limit: RateLimit) {
        messages = limit.messages.map { TokenBucket(rate: $0) }
        bytes = limit.bytes.map { TokenBucket(rate: $0) }
    }

    mutating func allows(at now: Instant) -> Bool {
        // Both are filled, whatever the first says.
        let (isFew, isLittle) = (messages?.allows(at: now) ?? true, bytes?.allows(at: now) ?? true)
        return isFew && isLittle
    }

    mutating func take(bytes count: Int) {
        messages?.take(1)
        bytes?.take(count)
    }

    var nextAllowed: Instant? {
        [messages?.nextAllowed, bytes?.nextAllowed].compactMap { $0 }.max()
    }
}

/// What the sessions of a route have in common.
final class RouteRates {
    fileprivate(set) var toServer: RateBuckets
    fileprivate(set) var toBrowser: RateBuckets

    private var limits: RateLimits

    init(_ limits: RateLimits) {
        self.limits = limits
        toServer = RateBuckets(limits.routeToServer)
        toBrowser = RateBuckets(limits.routeToBrowser)
    }

    /// What stays as it was goes on as full as it is.
    func change(to new: RateLimits) {
        if new.routeToServer != limits.routeToServer { toServer = RateBuckets(new.routeToServer) }
        if new.routeToBrowser != limits.routeToBrowser { toBrowser = RateBuckets(new.routeToBrowser) }
        limits = new
    }
}

/// One direction of one session: its own buckets and the route's.
struct DirectionRate {
    private var own: RateBuckets
    private let route: RouteRates
    private let direction: ReferenceWritableKeyPath<RouteRates, RateBuckets>

    static func toServer(_ limits: RateLimits, _ route: RouteRates) -> DirectionRate {
        DirectionRate(own: RateBuckets(limits.sessionToServer), route: route, direction: \.toServer)
    }

    static func toBrowser(_ limits: RateLimits, _ route: RouteRates) -> DirectionRate {
        DirectionRate(own: RateBuckets(limits.sessionToBrowser), route: route, direction: \.toBrowser)
    }

    /// Whether a message, of whatever size, may cross now.
    mutating func allows(at now: Instant) -> Bool {
        let isMine = own.allows(at: now)
        return route[keyPath: direction].allows(at: now) && isMine
    }

    /// Notes that a message crossed.
    mutating func take(bytes: Int) {
        own.take(bytes: bytes)
        route[keyPath: direction].take(bytes: bytes)
    }

    /// When the next may cross; nil when it may now. Others of the route may be faster.
    var nextAllowed: Instant? {
        [own.nextAllowed, route[keyPath: direction].nextAllowed].compactMap { $0 }.max()
    }
}
