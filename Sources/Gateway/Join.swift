import Primitives
import SDP

/// A page asks to join.
public struct JoinRequest: Sendable {
    public let route: String
    /// The id the page's game chose for itself, for profiles that have one.
    public let peerID: UInt32?
    public let offer: DataChannelDescription

    public init(route: String, peerID: UInt32?, offer: DataChannelDescription) {
        self.route = route
        self.peerID = peerID
        self.offer = offer
    }
}

public struct JoinAnswer: Sendable {
    public let session: SessionID
    /// The answer, as SDP text.
    public let sdp: String
    /// The player's id where the profile has one; chosen by the gateway if the page named none.
    public let peerID: UInt32?
}

/// Why a join is not possible. Nothing was changed.
public enum JoinRefusal: Error, Equatable, Sendable {
    case routeUnknown(String)
    case peerIDOutOfRange
    case peerIDNotUsed(route: String)
    case peerIDTaken(UInt32)
    /// The gateway holds as many sessions as it may.
    case full
    case stopping
}
