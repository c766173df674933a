import DataChannels
import Primitives

// What a page has and what it sees.
extension SimulatedBrowser {
    public struct Channel: Sendable {
        public let stream: UInt16
        public let label: String
        public let reliability: ChannelReliability
        public let isNegotiated: Bool

        public init(
            _ stream: UInt16, label: String = "", ordered: Bool = true, limit: ChannelReliability.Limit = .none,
            negotiated: Bool = false
        ) {
            self.stream = stream
            self.label = label
            reliability = ChannelReliability(isOrdered: ordered, limit: limit)
            isNegotiated = negotiated
        }

        /// What Godot's page opens, and how a browser understands it: all reliable.
        public static let godot = [
            Channel(1, ordered: true, negotiated: true), Channel(2, ordered: true, negotiated: true),
            Channel(3, ordered: false, negotiated: true),
        ]
    }

    public enum End: Hashable, Sendable {
        case aborted, shutDown, sctpTimedOut, sctpRefused, dtlsClosed, dtlsFailed, iceFailed, closedHere, vanished
    }

    public struct Received: Sendable {
        public let stream: UInt16
        public let isUnordered: Bool
        public let isString: Bool
        public let payload: [UInt8]
        public let at: Instant
    }
}
