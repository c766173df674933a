import Glibc
import Logging
import Primitives

/// Writes each log entry as one line to standard error, as its output says.
public struct LineLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    private let output: LogOutput
    private var own: Logger.Level?

    /// - Parameter output: what is logged, but where a logger says otherwise for itself, and how.
    public init(output: LogOutput = LogOutput()) {
        self.output = output
    }

    public var logLevel: Logger.Level {
        get { own ?? output.settings.level }
        set { own = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let time = Self.time(of: CLOCK_REALTIME)
        let lines = lines(for: event, at: time, steady: Instant(Self.time(of: CLOCK_MONOTONIC)))
        guard !lines.isEmpty else { return }
        output.write(lines) { format, count in
            format.line(.warning, "lines could not be written", ["lines": .stringConvertible(count)], at: time)
        }
    }

    /// The lines for an event without their ends: none when there were too many, two when some before it were left out.
    /// The event's own metadata win over the logger's.
    ///
    /// - Parameters:
    ///   - time: since 1970.
    ///   - steady: the same moment on a clock that is never set.
    func lines(for event: LogEvent, at time: timespec, steady: Instant) -> [String] {
        guard let (format, leftOut) = output.admit(event.level, at: steady) else { return [] }
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = format.line(event.level, event.message.description, fields, at: time)
        guard leftOut > 0 else { return [line] }
        let gap = format.line(
            .notice, "lines were left out, more than log-rate", ["lines": .stringConvertible(leftOut)], at: time)
        return [gap, line]
    }

    private static func time(of clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

extension Instant {
    fileprivate init(_ time: timespec) {
        self.init(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
