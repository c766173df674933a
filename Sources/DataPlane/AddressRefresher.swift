import CSockets
import Glibc
import Primitives
import Synchronization

/// Looks advertised names up again and again, because home routers get new addresses: dynamic DNS.
///
/// It has a thread of its own, for the resolver may block for many seconds. It only tells what changed.
final class AddressRefresher: Sendable {
    private let wakeUp: Inbox<Void>
    private let isStopped = Atomic(false)

    // Our choice.
    /// Dynamic names usually live for 60 s; between answers the resolver's cache may still hold the old one.
    static let interval: Milliseconds = 60_000

    /// - Parameters:
    ///   - advertisement: as it was resolved last.
    ///   - interval: from the end of one look-up to the next.
    ///   - tell: called on the thread with new addresses for answers, and with names that can no longer be resolved.
    init(
        _ advertisement: Advertisement, interval: Milliseconds = interval,
        by lookUp: @escaping AdvertisedAddresses.LookUp, tell: @escaping @Sendable (AdvertisedChange) -> Void
    ) throws(NetworkError) {
        wakeUp = try Inbox()
        WorkerThread.run { [self] in
            var progress = RefreshProgress(advertisement)
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

/// What became of advertised names.
public enum AdvertisedChange: Equatable, Sendable {
    /// New answers name these from now on.
    case ports(AdvertisedPorts)
    /// A name could be resolved until now; its last addresses stay in answers.
    case unresolved(NetworkError)
}

/// One look-up after the other, and what is worth telling of each.
struct RefreshProgress: Sendable {
    private var advertisement: Advertisement
    private var told: AdvertisedPorts
    private var failing: [NetworkError] = []

    init(_ advertisement: Advertisement) {
        self.advertisement = advertisement
        told = advertisement.ports
    }

    /// Blocks as long as the look-up does. A failure is told once, until the name resolves again.
    mutating func refresh(by lookUp: AdvertisedAddresses.LookUp) -> [AdvertisedChange] {
        let failures = advertisement.refresh(by: lookUp)
        var changes = failures.filter { !failing.contains($0) }.map { AdvertisedChange.unresolved($0) }
        failing = failures
        let ports = advertisement.ports
        if ports != told {
            told = ports
            changes.append(.ports(ports))
        }
        return changes
    }
}
