import CSockets
import Gateway
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
    /// Other names than those that are looked up, for the thread to take.
    private let replacement = Mutex<RefreshProgress?>(nil)

    // Our choice.
    /// Dynamic names usually live for 60 s; between answers the resolver's cache may still hold the old one.
    static let interval: Milliseconds = 60_000

    /// - Parameters:
    ///   - names: as they were resolved last.
    ///   - interval: from the end of one look-up to the next.
    ///   - tell: called on the thread with new addresses, and with names that can no longer be resolved; and with the
    ///     names these are of.
    init(
        _ names: RefreshProgress, interval: Milliseconds = interval,
        by lookUp: @escaping AdvertisedAddresses.LookUp,
        tell: @escaping @Sendable (AddressChange, RefreshProgress) -> Void
    ) throws(NetworkError) {
        wakeUp = try Inbox()
        WorkerThread.run { [self] in
            var progress = names
            while wait(progress.hasNames ? interval : nil) {
                if let other = takeReplacement() {
                    progress = other
                    continue
                }
                let changes = progress.refresh(by: lookUp)
                guard replacement.withLock({ $0 == nil }) else { continue }
                for change in changes where !isStopped.load(ordering: .relaxed) { tell(change, progress) }
            }
        }
    }

    /// Looks other names up from now on; what a look-up that has begun finds is thrown away.
    func replace(with names: RefreshProgress) {
        replacement.withLock { $0 = names }
        _ = wakeUp.send(())
    }

    /// Ends the thread; a look-up that has begun ends in its own time, and its answer is thrown away.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        _ = wakeUp.send(())
    }

    private func takeReplacement() -> RefreshProgress? {
        _ = wakeUp.take()
        return replacement.withLock { replacement in
            defer { replacement = nil }
            return replacement
        }
    }

    /// False when it is to stop.
    ///
    /// - Parameter time: nil for until something is to be done.
    private func wait(_ time: Milliseconds?) -> Bool {
        var watched = pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, time.map { Int32(clamping: $0.whole) } ?? -1) < 0, errno == EINTR {}
        return !isStopped.load(ordering: .relaxed)
    }
}

/// What became of names.
public enum AddressChange: Equatable, Sendable {
    /// New answers name these from now on.
    case ports(AdvertisedPorts)
    /// New players who get this server of a route go there.
    case server(RouteServerIndex, TransportAddress)
    /// A name could be resolved until now; its last addresses stay in use.
    case unresolved(NetworkError)
}

/// One look-up after the other, and what is worth telling of each.
struct RefreshProgress: Sendable {
    private var advertisement: Advertisement
    private var servers: ServerNames
    private var told: AdvertisedPorts
    private var failing: [NetworkError] = []
    /// Reloads of the configuration before the names were these.
    let reload: Int
    private let paths: [String: ServerPath]

    /// - Parameter paths: how routes' servers are reached, by route.
    init(
        _ advertisement: Advertisement, servers: ServerNames = ServerNames([], targets: [:]),
        paths: [String: ServerPath] = [:], reload: Int = 0
    ) {
        self.advertisement = advertisement
        self.servers = servers
        self.paths = paths
        self.reload = reload
        told = advertisement.ports
    }

    /// Whether there is anything that may change.
    var hasNames: Bool { advertisement.hasNames || !servers.isEmpty }

    func path(to route: String) -> ServerPath { paths[route] ?? ServerPath() }

    /// Blocks as long as the look-up does. A failure is told once, until the name resolves again.
    mutating func refresh(by lookUp: AdvertisedAddresses.LookUp) -> [AddressChange] {
        let (moves, unfound) = servers.refresh(by: lookUp)
        let failures = advertisement.refresh(by: lookUp) + unfound
        var changes = failures.filter { !failing.contains($0) }.map { AddressChange.unresolved($0) }
        changes += moves.map { .server($0.server, $0.address) }
        failing = failures
        let ports = advertisement.ports
        if ports != told {
            told = ports
            changes.append(.ports(ports))
        }
        return changes
    }
}
