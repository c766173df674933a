import Gateway
import Synchronization

/// How the sessions of a worker that has stopped ended: a page whose channels closed asks for the reason only then.
final class StoppedMemory: Sendable {
    private let kept = Mutex(EndedSessions())

    /// Empty while the worker runs, which knows by itself.
    var ended: EndedSessions { kept.withLock { $0 } }

    func keep(_ ended: EndedSessions) {
        kept.withLock { $0 = ended }
    }
}
