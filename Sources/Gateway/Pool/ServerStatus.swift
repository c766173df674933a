/// How one of a route's servers is.
public struct ServerStatus: Equatable, Sendable {
    /// Its name, or its address.
    public let label: String
    public let state: ServerState
    /// Sessions that are on it, or on their way there.
    public let sessions: Int
}

/// Whether new players are sent to a server.
public enum ServerState: String, CaseIterable, Sendable {
    case up
    /// It has as many sessions as it may.
    case full
    /// Players found nobody there, and no more are sent for a while.
    case ejected
    /// Probes get no answer.
    case down
}

/// Why no server takes a player now; it may in a while.
public enum ServerObstacle: Equatable, Sendable {
    /// None has been found so far.
    case noneKnown
    /// All are ejected or down.
    case noneHealthy
    /// Those that are healthy have as many sessions as they may.
    case allFull
    /// The same of the one that was asked for.
    case chosenIsDown
    case chosenIsFull
}

/// What a join says of its server.
public struct ServerWish: Equatable, Sendable {
    /// The name of the server that is wanted; nil for the route's choice.
    public var server: String?
    /// It is named by who may name any of the route's, such as a token: the route's `choose` does not matter.
    public var isGranted = false
    /// What the player is known by where the route chooses by hash; nil for the address the request came from.
    public var key: BalanceKey?

    public init(server: String? = nil, isGranted: Bool = false, key: BalanceKey? = nil) {
        self.server = server
        self.isGranted = isGranted
        self.key = key
    }
}
