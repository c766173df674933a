import Gateway
import Impairment
import Primitives

// What makes a session's network worse on its page's own wish, between the sockets and the core. Without a table of
// impaired sessions, as in `serve`, none of it does anything.
extension Worker {
    /// Whether a datagram is held back, or lost, before the core sees it.
    func impairs(_ datagram: UnsafeRawBufferPointer, from path: Path, at now: Instant) -> Bool {
        guard impaired?.isEmpty == false else { return false }
        return impaired?.hold(datagram, from: path, of: core.session(at: path), at: now) == true
    }

    /// Gives the core what was held and is due.
    func receiveHeld(at now: Instant) {
        impaired?.release(at: now) { datagram, path in
            // A connection that closed meanwhile must not become a path again.
            guard core.isUsed(path) else { return .datagramFromStranger }
            core.receive(datagram, from: path, at: now, into: &outbox)
            return nil
        }
    }

    /// Holds back, or loses, what the core wants to send, and puts what is due in its place. A session's last packets are
    /// sent after its end, and so at once.
    func impairOutgoing(at now: Instant) {
        guard impaired?.isEmpty == false else { return }
        impaired?.exchange(&outbox.toBrowsers, at: now) { core.session(at: $0) }
        for event in outbox.events {
            if case .ended = event.kind { impaired?.forget(event.session) }
        }
    }

    /// Nil when sessions cannot be impaired here, or there is no such session.
    func impair(_ session: SessionID, by impairment: Impairment) -> ImpairmentReport? {
        switch core.status(of: session) {
        case nil, .ended: return nil
        case .joining, .connecting, .playing, .ending: break
        }
        impaired?.set(impairment, for: session)
        return impaired?.report(of: session)
    }
}
