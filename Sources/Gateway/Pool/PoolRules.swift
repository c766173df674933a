import Primitives

/// How new players are spread over a route's servers. Those who play stay where they are.
public enum Balance: String, CaseIterable, Sendable {
    /// The one with the fewest sessions for its weight.
    case leastSessions = "least-sessions"
    /// One after the other, whatever their weights.
    case roundRobin = "round-robin"
    /// One after the other, each as often as its weight says.
    case weighted
    /// The same player comes to the same server, from all gateways, as long as it is there.
    case hash
}

/// The servers a page may ask for by name.
public enum ServerChoice: Hashable, Sendable {
    case none
    case any
    case these(Set<String>)

    func allows(_ name: String) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .these(let names): names.contains(name)
        }
    }
}

/// What holds for all servers of a route.
public struct PoolRules: Hashable, Sendable {
    public var balance = Balance.leastSessions
    public var choice = ServerChoice.none
    /// Sessions of this gateway at once on a server that has no number of its own; nil for no bound.
    public var capacity: Int?
    /// Players in a row who found no server there, before no more are sent to it for a while; 0 for never.
    public var ejectAfter = 0
    /// How long a server that came (back) gets less than its share of new players; zero for not at all.
    public var slowStart: Milliseconds = 0
    /// How often servers are asked whether they are there, which is the shell's to do; nil for never.
    public var probeInterval: Milliseconds?
    /// What the servers are found by, as it was written; nil where they are written themselves.
    public var source: String?

    public init() {}
}
