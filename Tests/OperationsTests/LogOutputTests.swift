import Glibc
import Logging
import Primitives
import Testing

@testable import Operations

@Suite struct LogOutputTests {
    private func event(_ level: Logger.Level, _ metadata: Logger.Metadata = [:]) -> LogEvent {
        LogEvent(level: level, message: "x", metadata: metadata, source: nil, file: "", function: "", line: 0)
    }

    private func lines(
        _ count: Int, of level: Logger.Level, by handler: LineLogHandler, at milliseconds: UInt64
    ) -> [String] {
        (0..<count).flatMap { _ in
            handler.lines(for: event(level), at: timespec(), steady: .zero + Milliseconds(milliseconds))
        }
    }

    @Test func theEventsFieldsWinOverTheLoggers() {
        var handler = LineLogHandler()
        handler[metadataKey: "a"] = "logger"
        handler[metadataKey: "b"] = "logger"
        let lines = handler.lines(for: event(.info, ["a": "event"]), at: timespec(), steady: .zero)
        #expect(lines.count == 1 && lines.allSatisfy { $0.hasSuffix(" x a=event b=logger") })
    }

    @Test func aSecondHasItsShareOfLines() {
        let handler = LineLogHandler(output: LogOutput(.init(linesPerSecond: 3)))
        #expect(lines(5, of: .info, by: handler, at: 0).count == 3)
        #expect(lines(1, of: .debug, by: handler, at: 999).isEmpty)
        let next = lines(3, of: .info, by: handler, at: 1_000)
        #expect(next.first?.hasSuffix(" notice lines were left out, more than log-rate lines=3") == true)
        #expect(next.count == 4)
        // What was told is not told again.
        #expect(lines(3, of: .info, by: handler, at: 2_000).count == 3)
    }

    @Test(arguments: [Logger.Level.notice, .warning, .error]) func whatOperatorsMustSeeIsNeverLeftOut(
        level: Logger.Level
    ) {
        let handler = LineLogHandler(output: LogOutput(.init(linesPerSecond: 1)))
        #expect(lines(1, of: .info, by: handler, at: 0).count == 1)
        #expect(lines(100, of: level, by: handler, at: 0).count == 100)
        // Nor does it count.
        #expect(lines(1, of: .info, by: handler, at: 1_000).count == 1)
    }

    @Test func noLimitIsNone() {
        let handler = LineLogHandler(output: LogOutput(.init(linesPerSecond: 0)))
        #expect(lines(10_000, of: .info, by: handler, at: 0).count == 10_000)
    }

    /// As a reload changes it.
    @Test func whatIsChosenHoldsForLoggersThatAreThere() {
        let output = LogOutput(.init(level: .error, linesPerSecond: 1))
        let handler = LineLogHandler(output: output)
        #expect(handler.logLevel == .error)
        #expect(lines(2, of: .info, by: handler, at: 0).count == 1)
        output.settings = .init(level: .trace, format: .json, linesPerSecond: 2)
        #expect(handler.logLevel == .trace)
        let after = lines(2, of: .info, by: handler, at: 0)
        // One more in this second, and the one that was left out is told of.
        #expect(after.count == 2 && after.allSatisfy { $0.hasPrefix("{") })
    }
}
