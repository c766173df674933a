import Configuration
import DataPlane
import Discovery
import Gateway
import Glibc
import Logging
import Operations
import Synchronization

/// Reads the settings again whenever SIGHUP comes or the file has changed, and has the gateway take them, whole or not at
/// all. One at a time.
actor Reloader {
    private let sources: SettingsSources
    private let gateway: RunningGateway
    private let logger: Logger
    private let journal: ReloadJournal
    private var settings: Settings
    private var resolved: GatewaySettings
    private var watch: FileWatch

    // Our choice.
    /// Between two looks at the file.
    private static let interval = Duration.seconds(1)

    init(_ rereading: RunningGateway.Rereading, gateway: RunningGateway, logger: Logger, journal: ReloadJournal) {
        sources = rereading.sources
        settings = rereading.settings
        resolved = rereading.resolved
        watch = FileWatch(rereading.identities)
        self.gateway = gateway
        self.logger = logger
        self.journal = journal
    }

    /// Returns when the task is cancelled.
    ///
    /// - Parameter hangUps: an element for each time it is asked for.
    nonisolated func run(hangUps: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in hangUps { await self.reload() }
            }
            group.addTask {
                // Sleeping fails only when the task is cancelled.
                while (try? await Task.sleep(for: Self.interval)) != nil { await self.look() }
            }
        }
    }

    private func look() async {
        if watch.hasChanged(identities) { await reload() }
    }

    private var identities: [FileIdentity]? { FileIdentity.all(sources.files(settings)) }

    private var isReloading = false
    private var isAskedAgain = false

    /// What comes while one is under way is done after it, once.
    private func reload() async {
        isAskedAgain = true
        guard !isReloading else { return }
        isReloading = true
        while isAskedAgain {
            isAskedAgain = false
            await reloadOnce()
        }
        isReloading = false
    }

    private func reloadOnce() async {
        watch.noteReading(of: identities)
        do {
            let (new, resolved) = try await read()
            let change = ConfigurationChange(from: (settings, self.resolved), to: (new, resolved))
            if let refusal = change.refusal { throw Failure.usage(refusal) }
            try await gateway.take(resolved)
            let files = sources.files(settings)
            (settings, self.resolved) = (new, resolved)
            // Others may be named now, and those are no news.
            if sources.files(new) != files { watch.noteReading(of: identities) }
            journal.noteApplied()
            logger.notice(
                change.isEmpty ? "configuration read again: nothing changed" : "configuration reloaded",
                metadata: change.metadata)
            gateway.warnOfUnverified(resolved.dataPlane.gateway.routes.values)
        } catch {
            journal.noteRefused()
            for sentence in Failure(error).sentences {
                logger.error("configuration not reloaded: \(sentence)")
            }
        }
    }

    /// On a thread of its own, because names are looked up.
    private func read() async throws -> (Settings, GatewaySettings) {
        let (sources, former) = (sources, (settings: settings, resolved: resolved))
        return try await withCheckedThrowingContinuation { continuation in
            WorkerThread.run {
                continuation.resume(
                    with: Result {
                        let new = try sources.read()
                        try new.requireRoutes(in: sources.path)
                        return (new, try GatewaySettings(resolving: new, following: former))
                    })
            }
        }
    }
}

/// What became of reloads, for metrics.
final class ReloadJournal: Sendable {
    private let state = Mutex(ReloadCounters(lastSuccess: now))

    var counters: ReloadCounters { state.withLock { $0 } }

    func noteApplied() {
        state.withLock { state in
            state.applied += 1
            state.lastSuccess = Self.now
        }
    }

    func noteRefused() {
        state.withLock { $0.refused += 1 }
    }

    /// Seconds since 1970.
    private static var now: Double { Double(time(nil)) }
}

extension SettingsSources {
    /// The file with the settings, if there is one, and those that it names.
    func files(_ settings: Settings) -> [String] { [path].compactMap(\.self) + settings.files }
}
