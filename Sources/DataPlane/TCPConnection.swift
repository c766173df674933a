import ICE
import Primitives

/// The bounds on browsers' TCP connections. All of them are our choice.
struct TCPLimits {
    /// Connections at once: for each session an old one and a new one, and those that have not shown anything yet. One
    /// more is refused.
    var connections: Int
    /// Connections on which no valid check has arrived yet. One more takes the place of the oldest: a browser needs a
    /// round trip to show itself, so whoever fills the table with silence gains little.
    var unproven = 256
    /// Those of one source, an IPv4 address or an IPv6 network of 64 bits. One more is refused: a page opens some per
    /// interface and candidate.
    var unprovenPerSource = 32
    /// From the connection's start to the first valid check.
    var checkTimeout: Milliseconds = 10_000
    /// How long a browser may take no byte of what waits for it.
    var stallTimeout: Milliseconds = 10_000
    /// How long the last bytes may take to be read. Closing at once, with anything of the browser's unread, would reset
    /// the connection and the browser might lose them.
    var lingerTimeout: Milliseconds = 1_000
    /// How long no connection is accepted once the system has no descriptor left for one.
    var pauseTimeout: Milliseconds = 1_000

    init(sessionLimit: Int) {
        connections = Self.connections(for: sessionLimit)
    }

    static func connections(for sessionLimit: Int) -> Int { 2 * sessionLimit + 256 }
}

/// One TCP connection of a browser's.
final class TCPConnection {
    enum Phase {
        /// No valid check has arrived yet.
        case unproven
        /// It carries a session.
        case carrying
        /// The session is over: what waits is written, what comes is passed over.
        case finishing
    }

    let id: TCPConnectionID
    let socket: TCPSocket
    let path: Path
    var phase = Phase.unproven
    var decoder = FrameDecoder()
    var output = FrameQueue()
    /// Whether it is on the list of those with something new to write.
    var isAppended = false
    /// Whether it is reported when it is writable.
    var isWatchedForWriting = false
    /// When `phase` lets it go.
    var phaseDeadline: Instant?
    /// When it is let go unless it takes a byte.
    var stallDeadline: Instant?

    init(id: TCPConnectionID, socket: TCPSocket, from address: TransportAddress) {
        self.id = id
        self.socket = socket
        path = .tcp(id, address)
    }

    var deadline: Instant? { .earlier(phaseDeadline, stallDeadline) }

    /// By what `TCPLimits.unprovenPerSource` counts.
    var source: TransportAddress {
        path.address.ipv6.map { TransportAddress(ipv6: $0.high, 0, port: 0) } ?? path.address.with(port: 0)
    }
}
