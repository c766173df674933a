import Primitives

/// How one live session is, for its operator.
public struct SessionDetails: Sendable {
    public let id: SessionID
    /// Where it is kept: an order for those who take some at a time. A later session may have the same place.
    public let place: Int
    public let route: String
    /// Its server's name, or its address.
    public let server: String
    public let status: SessionStatus
    public let peerID: UInt32?
    /// Which way data goes to the browser; nil before it has shown itself.
    public let path: Path?
    /// Since the offer.
    public let age: Milliseconds
    /// Smoothed and in whole milliseconds, as SCTP has it; nil before it is up.
    public let browserRoundTrip: Milliseconds?
    /// Smoothed, as ENet has it; nil where there is no ENet, or not yet.
    public let serverRoundTrip: Milliseconds?
    /// The part of reliable commands to the server that had to be sent again, in millionths.
    public let serverLoss: UInt64?
    public let counters: SessionCounters
    /// Bytes of messages that wait.
    public let queues: [SessionQueue: Int]
}

extension GatewayCore {
    /// Some live sessions, in the order of their places.
    ///
    /// - Parameters:
    ///   - place: of the last one that is known already; nil for the first ones.
    ///   - limit: how many at most.
    public func sessions(after place: Int?, limit: Int, at now: Instant) -> [SessionDetails] {
        sessions.live(after: place, limit: limit).map { $0.details(at: now) }
    }

    /// Nil when there is no such session.
    public func details(of id: SessionID, at now: Instant) -> SessionDetails? {
        sessions[id]?.details(at: now)
    }
}

extension Session {
    fileprivate func details(at now: Instant) -> SessionDetails {
        let leg = server?.leg
        return SessionDetails(
            id: id, place: slot.index, route: route.name, server: destination.label, status: status, peerID: peerID,
            path: peer.agent.selected, age: now.since(startedAt),
            browserRoundTrip: peer.sendBuffer.map { Milliseconds(UInt64(max($0.roundTripTime, 0))) },
            serverRoundTrip: leg?.roundTripTime,
            serverLoss: leg?.lossPerMillion, counters: totals,
            queues: Dictionary(uniqueKeysWithValues: SessionQueue.allCases.map { ($0, bytes(in: $0)) }))
    }
}
