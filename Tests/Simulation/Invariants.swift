import Bridge
import Primitives
import SCTP
import SimulationSupport
import Testing

@testable import Gateway

extension SimulatedWorld {
    /// Checks after every step what must always hold. The first breach is recorded, with the seed.
    func watch(seed: UInt64 = 0) {
        var isBroken = false
        afterStep = { world in
            guard !isBroken, let breach = world.breach else { return }
            isBroken = true
            Issue.record("seed \(seed): \(breach) at \(world.now)")
        }
    }

    private var breach: String? {
        if let deadline = core.nextDeadline, deadline <= now {
            return "the core's deadline \(deadline) has passed after it settled"
        }
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
        if let server = session.server {
            if sockets[session.slot] == nil { return "a server without a socket" }
            if server.queuedReliableBytes > server.configuration.maximumQueuedReliableBytes {
                return "too much waits in ENet"
            }
        }
        return nil
    }

    /// After the end of every session: nothing may be left of them.
    func expectNothingLeft(seed: UInt64 = 0) {
        #expect(core.sessionCount == 0, "seed \(seed)")
        #expect(core.ports.count == 0, "seed \(seed)")
        #expect(core.peerIDs.values.allSatisfy { $0.count == 0 }, "seed \(seed)")
        #expect(core.deadlines.count == 0, "seed \(seed)")
        #expect(sockets.isEmpty, "seed \(seed)")
        #expect(core.sessions.indexCount == 0, "seed \(seed)")
        for browser in browsers { browser.vanish() }
        #expect(SCTPStack.shared.associationCount == 0, "seed \(seed)")
        #expect(core.nextDeadline == nil, "seed \(seed)")
    }
}
