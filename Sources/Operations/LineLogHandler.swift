import Glibc
import Logging

/// Writes each log entry as one line of text to standard error: time in UTC, level, message, then `key=value`s sorted by
/// key. Values with spaces are quoted, control characters escaped, so that nothing logged can forge a line.
public struct LineLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    private let threshold: LogThreshold
    private var own: Logger.Level?

    /// - Parameter threshold: what is logged, but where a logger says otherwise for itself.
    public init(threshold: LogThreshold = LogThreshold(.info)) {
        self.threshold = threshold
    }

    public var logLevel: Logger.Level {
        get { own ?? threshold.level }
        set { own = newValue }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let line = Self.line(for: event, with: metadata, at: now) + "\n"
        // One write, so that lines of several threads do not mix.
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }

    /// The line without its end, for an event at `time` since 1970. The event's own metadata win over `metadata`.
    static func line(for event: LogEvent, with metadata: Logger.Metadata, at time: timespec) -> String {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let fields = all.map { " \(escaped($0.key))=\(quoted($0.value.description))" }.joined()
        return "\(timestamp(time)) \(event.level) \(escaped(event.message.description))\(fields)"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = escaped(text)
        return escaped.contains(" ") || escaped.isEmpty ? "\"\(escaped)\"" : escaped
    }

    /// Quotation marks and backslashes too, so that an escape can be told from the same characters logged.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { mustBeEscaped($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar == "\"" || scalar == "\\"
        }
    }

    /// `2026-11-21T08:46:28.123Z`
    private static func timestamp(_ time: timespec) -> String {
        var time = time
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let seconds = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
        return "\(seconds).\(milliseconds)Z"
    }
}
