import CSockets
import Glibc
import Primitives
import Synchronization

/// Looks names up again and again: advertised ones, because home routers get new addresses, and game servers', because
/// servers move.
///
/// It has a thread of its own, for the resolver may block for many seconds. It only tells what changed.
final class AddressRefresher: Sendable {
    private let wakeUp: Inbox<Void>
    private let isStopped = Atomic(false)

    // Our choice.
    /// Dynamic names usually live for 60 s; between answers the resolver's cache may still hold the old one.
    static let interval: Milliseconds = 60_000

    /// - Parameters:
    ///   - names: as they were resolved last.
    ///   - interval: from the end of one look-up to the next.
    ///   - tell: called on the thread with new addresses, and with names that can no longer be resolved.
    init(
        _ names: RefreshProgress, interval: Milliseconds = interval,
        by lookUp: @escaping AdvertisedAddresses.LookUp, tell: @escaping @Sendable (AddressChange) -> Void
    ) throws(NetworkError) {
        wakeUp = try Inbox()
        WorkerThread.run { [self] in
            var progress = names
            while wait(interval) {
                for change in progress.refresh(by: lookUp) where !isStopped.load(ordering: .relaxed) { tell(change) }
            }
        }
    }

    /// Ends the thread; a look-up that has begun ends in its own time, and its answer is thrown away.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        _ = wakeUp.send(())
    }

    /// False when it is to stop.
    private func wait(_ time: Milliseconds) -> Bool {
        var watched = pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, Int32(clamping: time.whole)) < 0, errno == EINTR {}
        return !isStopped.load(ordering: .relaxed)
    }
}

/// What became of names.
public enum AddressChange: Equatable, Sendable {
    /// New answers name these from now on.
    case ports(AdvertisedPorts)
    /// New players of a route go to its server there.
    case server(route: String, TransportAddress)
    /// A name could be resolved until now; its last addresses stay in use.
    case unresolved(NetworkError)
}

/// One look-up after the other, and what is worth telling of each.
struct RefreshProgress: Sendable {
    private var advertisement: Advertisement
    private var servers: ServerNames
    private var told: AdvertisedPorts
    private var failing: [NetworkError] = []

    init(_ advertisement: Advertisement, servers: ServerNames = ServerNames([], targets: [:])) {
        self.advertisement = advertisement
        self.servers = servers
        told = advertisement.ports
    }

    /// Whether there is anything that may change.
    var hasNames: Bool { advertisement.hasNames || !servers.isEmpty }

    /// Blocks as long as the look-up does. A failure is told once, until the name resolves again.
    mutating func refresh(by lookUp: AdvertisedAddresses.LookUp) -> [AddressChange] {
        let (moves, unfound) = servers.refresh(by: lookUp)
        let failures = advertisement.refresh(by: lookUp) + unfound
        var changes = failures.filter { !failing.contains($0) }.map { AddressChange.unresolved($0) }
        changes += moves.map { .server(route: $0.route, $0.server) }
        failing = failures
        let ports = advertisement.ports
        if ports != told {
            told = ports
            changes.append(.ports(ports))
        }
        return changes
    }
}
