import DataPlane
import Gateway
import Logging
import Operations
import Primitives
import Signaling

/// What operators ask for on the admin page, handed to the parts that know.
final class Administration: AdminControl {
    /// Nothing is kept here where there is no page.
    let journal: SessionJournal
    private let plane: DataPlane
    private let output: LogOutput
    private let logger: Logger
    private let started = MonotonicClock.now
    private let latest: LatestMetrics

    init(plane: DataPlane, journal: SessionJournal, output: LogOutput, logger: Logger) {
        self.plane = plane
        self.journal = journal
        self.output = output
        self.logger = logger
        latest = LatestMetrics(of: plane)
    }

    func report() async -> AdminReport {
        AdminReport(
            version: Torii.version, uptime: MonotonicClock.now.since(started).whole, metrics: await latest.metrics)
    }

    // MARK: - Sessions

    func sessions(after place: Int?, limit: Int) async -> [SessionDetails] {
        await plane.sessions(after: place, limit: limit)
    }

    func session(_ id: SessionID) async -> AdminSession? {
        let details = await plane.details(of: id)
        // Asked for last: what ends meanwhile is then known as ended.
        return journal[id].map { AdminSession($0, details) }
    }

    func sessions(shortened digits: String) -> [SessionID] { journal.sessions(shortened: digits) }

    func endedSessions(limit: Int) -> [AdminSession] { journal.ended(limit: limit).map { AdminSession($0, nil) } }

    func remove(_ id: SessionID, because words: String?, disconnectData: UInt32?) async -> Leaving {
        let leaving = await plane.leave(id, disconnectData: disconnectData, for: .removedByOperator(words))
        if leaving == .done { logger.notice("an operator removes a session", metadata: ["session": "\(id.shortened)"]) }
        return leaving
    }

    func capture(_ id: SessionID, _ options: CaptureOptions) async -> Result<AdminCapture, CaptureRefusal> {
        do throws(CaptureRefusal) {
            let capture = try await plane.startCapture(of: id, options)
            // Who reads the log sees who looked at what players said.
            logger.notice(
                "an operator captures a session",
                metadata: ["session": "\(id.shortened)", "payloads": options.payloads == .kept ? "kept" : "zeroed"])
            return .success(AdminCapture { [plane] in await plane.nextCaptured(by: capture)?.bytes })
        } catch {
            return .failure(error)
        }
    }

    // MARK: - The gateway

    func drain(_ isDraining: Bool) async -> ServiceState {
        let state = await plane.drain(isDraining)
        let wished: ServiceState = isDraining ? .draining : .serving
        if state.service == wished {
            let metadata: Logger.Metadata = ["cause": "admin", "sessions": "\(state.sessionCount)"]
            logger.notice(
                isDraining
                    ? "draining: no new players are taken until an operator takes them again; those who play go on"
                    : "draining is over: new players are taken", metadata: metadata)
        }
        return state.service
    }

    var logLevel: AdminLogLevel { AdminLogLevel(output.settings.level) }

    func setLogLevel(_ level: AdminLogLevel) {
        output.settings.level = Logger.Level(level)
        logger.notice("the log level is changed until the configuration is read again", metadata: ["level": "\(level)"])
    }
}

/// Everything that is counted, asked for no more often than the sessions hardly notice.
private actor LatestMetrics {
    private let plane: DataPlane
    private var known: GatewayMetrics?
    private var goodUntil = Instant.zero
    private var asking: Task<GatewayMetrics, Never>?

    // Our choice.
    private static let shortest = Milliseconds(500)
    /// An answer that took long, because there are many sessions, or much to do, is good for so many times as long.
    private static let share: UInt64 = 50

    init(of plane: DataPlane) {
        self.plane = plane
    }

    var metrics: GatewayMetrics {
        get async {
            if let known, MonotonicClock.now < goodUntil { return known }
            // Whoever asks meanwhile gets the same.
            if let asking { return await asking.value }
            let task = Task { [plane] in await plane.metrics() }
            asking = task
            let begun = MonotonicClock.now
            let metrics = await task.value
            let taken = MonotonicClock.now.since(begun)
            goodUntil =
                MonotonicClock.now + max(Self.shortest, Milliseconds(nanoseconds: taken.nanoseconds * Self.share))
            known = metrics
            asking = nil
            return metrics
        }
    }
}

extension AdminSession {
    fileprivate init(_ record: SessionJournal.Record, _ details: SessionDetails?) {
        self.init(
            id: record.id, route: record.route, server: record.server,
            details: record.carried == nil ? details : nil, timeline: record.timeline, carried: record.carried)
    }
}

extension AdminLogLevel {
    fileprivate init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info, .notice: .info
            case .warning: .warning
            case .error, .critical: .error
            }
    }
}
