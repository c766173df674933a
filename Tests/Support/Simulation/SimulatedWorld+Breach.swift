import Bridge
import ENet
import Primitives
import SCTP

#if DEBUG
    // Most of what must hold concerns the core's inside, which only a debug build shows.
    @testable import Gateway
#else
    import Gateway
#endif

extension SimulatedWorld {
    /// What does not hold although it always must, in words; nil when all does. It looks at what this step may have
    /// changed.
    public var breach: String? {
        if let deadline = core.nextDeadline, deadline <= now {
            return "the core's deadline \(deadline) has passed after it settled"
        }
        // RFC 8831 §5, where the path MTU is unknown.
        if largestDatagramOut > 1200 { return "a datagram of \(largestDatagramOut) bytes for a browser" }
        return coreHasChanged ? breachInside : nil
    }

    /// What is left although every session has ended and every browser is gone; nil when nothing is.
    public var leftover: String? {
        if core.sessionCount != 0 { return "\(core.sessionCount) sessions" }
        if !sockets.isEmpty { return "\(sockets.count) sockets" }
        if streamCount != 0 { return "\(streamCount) TCP connections" }
        if SCTPStack.shared.associationCount != 0 { return "\(SCTPStack.shared.associationCount) associations" }
        if let deadline = core.nextDeadline { return "the deadline \(deadline)" }
        return leftoverInside
    }
}

#if DEBUG
    extension SimulatedWorld {
        /// Changes with whatever `settle` changes in the core.
        var coreTurns: UInt64 { core.turns }

        private var breachInside: String? {
            if core.ports.count != core.sessionCount {
                return "\(core.ports.count) ports for \(core.sessionCount) sessions"
            }
            if core.deadlines.count > core.sessionCount { return "deadlines of sessions that are gone" }
            let ids = core.peerIDs.values.reduce(0) { $0 + $1.count }
            if ids != core.sessions.live.count(where: { $0.peerID != nil }) { return "\(ids) peer ids taken" }
            return core.sessions.live.lazy.compactMap(breach(of:)).first
        }

        private func breach(of session: Session) -> String? {
            let largest = 262_144
            if session.browserQueue.reliableBytes > BrowserQueue.reliableLimit { return "too much reliable waits" }
            if session.browserQueue.unreliableBytes > max(BrowserQueue.unreliableLimit, largest + 64) {
                return "too much unreliable waits"
            }
            if session.serverBacklog.count > ServerBacklog.countLimit { return "too many messages in the backlog" }
            if session.serverBacklog.bytes > ServerBacklog.byteLimit + largest { return "too much in the backlog" }
            if session.unclaimed.bytes > UnclaimedPackets.byteLimit { return "too much unclaimed" }
            if session.peer.agent.validated.count > 8 { return "too many validated addresses" }
            if session.server != nil, sockets[session.slot] == nil { return "a server without a socket" }
            if let server = session.server as? ClientHost ?? (session.server as? SecuredServerConnection)?.enet {
                if server.queuedReliableBytes > server.configuration.maximumQueuedReliableBytes {
                    return "too much waits in ENet"
                }
            }
            if let server = session.server as? DatagramConnection, server.waitingCount > DatagramConnection.waitingLimit
            {
                return "too many datagrams wait"
            }
            return nil
        }

        private var leftoverInside: String? {
            if core.ports.count != 0 { return "\(core.ports.count) SCTP ports" }
            if let (route, ids) = core.peerIDs.first(where: { $0.value.count != 0 }) {
                return "\(ids.count) peer ids of \(route)"
            }
            if core.deadlines.count != 0 { return "\(core.deadlines.count) deadlines" }
            return core.sessions.indexCount == 0 ? nil : "\(core.sessions.indexCount) ways to find a session"
        }
    }
#else
    extension SimulatedWorld {
        var coreTurns: UInt64 { 0 }
        private var breachInside: String? { nil }
        private var leftoverInside: String? { nil }
    }
#endif
