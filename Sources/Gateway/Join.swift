import Primitives
import SDP

/// A page asks to join.
public struct JoinRequest: Sendable {
    public let route: String
    /// The id the page's game chose for itself, for profiles that have one.
    public let peerID: UInt32?
    /// The data word of ENet's CONNECT, for profiles that leave it to the game; nil for the route's.
    public let connectData: UInt32?
    public let offer: DataChannelDescription
    /// Where the request came from; nil when that is not known or does not matter.
    public var source: TransportAddress?
    /// What this session may carry; the route's own limits where it says nothing.
    public var rates = TrafficLimits()
    /// Which of the route's servers it is to be, if that matters.
    public var wish: ServerWish

    public init(
        route: String, peerID: UInt32?, connectData: UInt32? = nil, offer: DataChannelDescription,
        source: TransportAddress? = nil, wish: ServerWish = ServerWish()
    ) {
        self.route = route
        self.peerID = peerID
        self.connectData = connectData
        self.offer = offer
        self.source = source
        self.wish = wish
    }
}

public struct JoinAnswer: Sendable {
    public let session: SessionID
    /// The answer, as SDP text.
    public let sdp: String
    /// The player's id where the profile has one; chosen by the gateway if the page named none.
    public let peerID: UInt32?
    /// Names this ICE session until it is restarted.
    public let iceTag: String
}

/// Why a join is not possible. Nothing was changed.
public enum JoinRefusal: Error, Equatable, Sendable {
    case routeUnknown(String)
    case peerIDOutOfRange
    case peerIDNotUsed(route: String)
    case peerIDTaken(UInt32)
    case connectDataNotUsed(route: String)
    /// None of the route's servers takes a player now.
    case noServer(ServerObstacle)
    /// The route has no server of the name that was asked for, or none that may be asked for.
    case serverUnknown
    /// The route's servers cannot be asked for by name.
    case serverChoiceNotAllowed
    /// The gateway holds as many sessions as it may.
    case full
    /// The source has as many joins under way as it may, or begins them too fast.
    case tooManyJoins
    /// The source has as many sessions as it may.
    case tooManySessions
    /// As many joins are under way as may be, or begin in one second, from everywhere together.
    case tooManyJoinsOverall
    /// The process has too little of something for one more.
    case shortage(Shortage)
    /// Players go on, and no new ones are taken.
    case draining
    case stopping
}

/// What became of a page's wish to leave.
public enum Leaving: Equatable, Sendable {
    case done
    case sessionUnknown
    /// The session goes on: its route has no data words of the game's.
    case disconnectDataNotUsed
}

/// What became of a page's update of its ICE session.
public enum ICEUpdate: Equatable, Sendable {
    /// Candidates were named. They are not needed: checks show where the browser is.
    case candidatesNoted
    /// ICE was restarted; our credentials and candidates as an SDP fragment, and the new session's tag.
    case restarted(sdp: String, iceTag: String)
}

/// Why an update is not possible. Nothing was changed.
public enum UpdateRefusal: Error, Equatable, Sendable {
    case sessionUnknown
    /// The update is for an ICE session that has been restarted since.
    case outdated
}
