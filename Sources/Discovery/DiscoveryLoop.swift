import Gateway
import Glibc
import Primitives
import Synchronization

/// What became of a look for servers.
public enum DiscoveryOutcome: Equatable, Sendable {
    /// The servers there are now; whether they are others than those that were found before.
    case found([RouteServer], isNews: Bool)
    /// Those that were found last stay; whether it failed otherwise, or not at all, before.
    case failed(DiscoveryError, isNews: Bool)
}

/// Looks for one route's servers again and again, on a thread that somebody gives it: looking blocks.
public final class DiscoveryLoop: Sendable {
    public let discovery: RouteDiscovery
    private let search: ServerSearch
    private let isStopped = Atomic(false)

    // Our choice.
    /// How soon a stop, and another state of a file, is noticed.
    private static let step: Int32 = 250
    private static let fileStep: Int32 = 1000

    public init(_ discovery: RouteDiscovery, by lookUp: @escaping ServerSearch.LookUp) {
        self.discovery = discovery
        search = ServerSearch(discovery, by: lookUp)
    }

    /// Returns when it is stopped.
    ///
    /// - Parameter tell: called after every look, unless it was stopped meanwhile.
    public func run(tell: (DiscoveryOutcome) -> Void) {
        var progress = DiscoveryProgress()
        var watch = FileWatch(identity)
        while !isStopped.load(ordering: .relaxed) {
            watch.noteReading(of: identity)
            let outcome = progress.note(Result { () throws(DiscoveryError) in try search.run() })
            guard !isStopped.load(ordering: .relaxed) else { return }
            tell(outcome)
            wait(&watch)
        }
    }

    public func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Until the next look: for the interval, or until the file has changed.
    private func wait(_ watch: inout FileWatch) {
        var left = Int32(clamping: discovery.interval.whole)
        var untilFile = Self.fileStep
        while left > 0, !isStopped.load(ordering: .relaxed) {
            let step = min(left, Self.step)
            poll(nil, 0, step)
            left -= step
            untilFile -= step
            guard untilFile <= 0 else { continue }
            untilFile = Self.fileStep
            if watch.hasChanged(identity) { return }
        }
    }

    private var identity: [FileIdentity]? {
        if case .file(let path) = discovery.source { FileIdentity.all([path]) } else { nil }
    }
}

/// What was found last, and how the last look failed: what is the same is no news.
struct DiscoveryProgress {
    private var servers: [RouteServer]?
    private var failure: DiscoveryError?

    mutating func note(_ result: Result<[RouteServer], DiscoveryError>) -> DiscoveryOutcome {
        switch result {
        case .success(let found):
            // Said again after a failure, which was said too.
            defer { (servers, failure) = (found, nil) }
            return .found(found, isNews: found != servers || failure != nil)
        case .failure(let error):
            defer { failure = error }
            return .failed(error, isNews: error != failure)
        }
    }
}
