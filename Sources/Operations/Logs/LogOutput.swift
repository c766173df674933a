import Glibc
import Logging
import Primitives
import Synchronization

/// What is logged, how a line looks, and how many there may be: for every logger with this output, and changed for all at
/// once.
public final class LogOutput: Sendable {
    /// What an operator chooses.
    public struct Settings: Equatable, Sendable {
        /// The least level that is logged.
        public var level: Logger.Level
        public var format: LogFormat
        /// Lines below warning that may be written in a second; 0 is no limit.
        public var linesPerSecond: Int

        public init(level: Logger.Level = .info, format: LogFormat = .text, linesPerSecond: Int = 0) {
            self.level = level
            self.format = format
            self.linesPerSecond = linesPerSecond
        }
    }

    private struct State {
        var settings: Settings
        var allowance: LogAllowance
        var descriptor: LogDescriptor
    }

    private let state: Mutex<State>

    /// - Parameter descriptor: where lines are written; it is not closed.
    public init(_ settings: Settings = Settings(), to descriptor: Int32 = STDERR_FILENO) {
        state = Mutex(
            State(
                settings: settings, allowance: LogAllowance(linesPerSecond: settings.linesPerSecond),
                descriptor: LogDescriptor(descriptor)))
    }

    public var settings: Settings {
        get { state.withLock { $0.settings } }
        set {
            state.withLock { state in
                state.settings = newValue
                state.allowance.linesPerSecond = newValue.linesPerSecond
            }
        }
    }

    /// Writes lines, unless that would take a wait.
    ///
    /// - Parameter gap: the line that tells how many before these could not be written.
    func write(_ lines: [String], gap: (LogFormat, Int) -> String) {
        state.withLock { state in
            let format = state.settings.format
            state.descriptor.write(lines) { gap(format, $0) }
        }
    }

    /// The format for a line that may be written, and how many were left out before it; nil for one that may not.
    func admit(_ level: Logger.Level, at now: Instant) -> (format: LogFormat, leftOut: Int)? {
        state.withLock { state in
            // What an operator must see is rare, and not in the hands of those who join.
            guard state.allowance.admits(isLimited: level < .notice, at: now) else { return nil }
            return (state.settings.format, state.allowance.takeLeftOut())
        }
    }
}
