import Primitives

/// What the core asks the shell to do. The shell does it and empties it.
public struct Outbox: Sendable {
    /// Datagrams for browsers, through the shared port or on TCP connections.
    public var toBrowsers = AddressedPackets<Path>()
    /// Datagrams for the servers, each through its session's own socket.
    public var toServers = AddressedPackets<SessionSlot>()
    /// Sockets to open and close. Openings come before the datagrams above are sent, closings after.
    public var openings: [ServerSocketOpening] = []
    public var closings: [SessionSlot] = []
    /// TCP connections that carry no session any more, to be closed after the datagrams above are sent.
    public var connectionClosings: [TCPConnectionID] = []
    /// What happened to sessions, for the log and the metrics.
    public var events: [SessionEvent] = []

    public init() {}

    public mutating func removeAll() {
        toBrowsers.removeAll()
        toServers.removeAll()
        openings.removeAll(keepingCapacity: true)
        closings.removeAll(keepingCapacity: true)
        connectionClosings.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
    }
}

/// A session wants a UDP socket of its own to its server. Its own, because ENet hosts cannot share one, and so that
/// the server sees a port per player.
public struct ServerSocketOpening: Equatable, Sendable {
    public let slot: SessionSlot
    public let server: TransportAddress
    public let path: ServerPath
}

public enum TrafficDirection: String, CaseIterable, Sendable {
    case toServer = "to-server"
    case toBrowser = "to-browser"
}

/// One line of a session's life.
public struct SessionEvent: Sendable {
    public enum Kind: Sendable {
        case joined(peerID: UInt32?)
        /// The browser's first valid connectivity check came this way.
        case reached(Path)
        /// The DTLS handshake is over; time since the offer.
        case secured(after: Milliseconds)
        /// Data goes to the browser this way from now on.
        case moved(Path)
        /// Data channels can carry messages; time since the offer.
        case opened(after: Milliseconds)
        /// The server accepted the player; time since the offer.
        case playing(after: Milliseconds)
        /// No reliable message of this direction has gone through for `Stall.notableTime`, and some wait.
        case stalled(TrafficDirection)
        /// They go through again, or nothing waits any more.
        case recovered(TrafficDirection)
        case ended(EndReason, after: Milliseconds, counters: SessionCounters)
    }

    public let session: SessionID
    public let route: String
    /// Which of the route's servers the session is on; nil for a route with one.
    public let server: String?
    public let kind: Kind
}
