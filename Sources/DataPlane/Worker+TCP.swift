import Gateway
import Primitives

// Browsers' TCP connections, between the core and `TCPConnections`.
extension Worker {
    func serveConnection(_ id: TCPConnectionID, _ readiness: EventPoll.Readiness, at now: Instant) {
        if readiness.isWritable { tcp?.write(id, at: now) }
        guard readiness.isReadable else { return }
        tcp?.read(id, at: now) { frame, path in
            if !impairs(frame, from: path, at: now) { core.receive(frame, from: path, at: now, into: &outbox) }
            return core.isUsed(path)
        }
    }

    /// Lets those go whose time is over, and tells the core of all that carried a session and are gone.
    func advanceConnections(to now: Instant) {
        guard let tcp else { return }
        tcp.advance(to: now)
        for path in tcp.takeLost() { core.pathClosed(path, at: now, into: &outbox) }
    }

    /// Writes what the outbox had for connections, then closes those that carry no session any more.
    func writeConnections(at now: Instant) {
        guard let tcp else { return }
        tcp.writeAppended(at: now)
        for connection in outbox.connectionClosings { tcp.finish(connection, at: now) }
        // The core is told at the next turn.
        if tcp.hasLost { hasMore = true }
    }
}
