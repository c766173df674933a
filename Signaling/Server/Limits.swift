import NIOCore

/// Every bound of the HTTP side. All of them are our choice.
public struct Limits: Sendable {
    /// Connections at once. One more takes the place of the one that has been idle longest; when none is idle, it is
    /// closed unanswered.
    public var connections = 1024
    /// Bytes of a request's body. Browsers' offers are below 6 KiB; SDP is read up to this size.
    public var bodyBytes = 64 * 1024
    /// Bytes of all header names and values of a request, and of its target.
    public var headerBytes = 16 * 1024
    public var headerFields = 64
    /// From a request's first byte to its last, so that nobody holds a place by sending slowly.
    public var requestTime: TimeAmount = .seconds(10)
    /// From an answer, or the connection's start, to the next request's first byte.
    public var idleTime: TimeAmount = .seconds(60)
    /// How long bytes that nobody reads any more are taken after a final answer. Closing at once would reset the
    /// connection, and the client might lose the answer with it (RFC 9112 §9.6).
    public var lingerTime: TimeAmount = .seconds(5)
    /// How long requests under way may take when the server stops.
    public var drainTime: TimeAmount = .seconds(5)

    public init() {}

    /// Bytes read from a connection at once, so that pipelined requests waiting for their turn are few.
    static let readBytes = 16 * 1024
    /// Connections the system keeps while we have not accepted them.
    static let backlog: Int32 = 256
    /// Seconds until a page should ask again when the gateway is full: players leave all the time.
    static let retryWhenFull = 5
    /// Seconds until a page should ask again when the gateway takes no new players: a load balancer sends the next request
    /// to another.
    static let retryWhenDraining = 1
    /// Seconds until a page should ask again when the gateway stops: about as long as a restart takes.
    static let retryWhenStopping = 10
}
