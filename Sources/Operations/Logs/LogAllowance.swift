import Primitives

/// How many lines may be written: a second's worth at once, and as many each second. What was left out is counted.
struct LogAllowance {
    /// 0 is no limit.
    var linesPerSecond: Int
    private var written = 0
    private var second: Instant?
    private var leftOut = 0

    init(linesPerSecond: Int) {
        self.linesPerSecond = linesPerSecond
    }

    mutating func admits(isLimited: Bool, at now: Instant) -> Bool {
        guard isLimited, linesPerSecond > 0 else { return true }
        if let second, now >= second, now < second + Self.window {
            guard written < linesPerSecond else {
                leftOut += 1
                return false
            }
        } else {
            second = now
            written = 0
        }
        written += 1
        return true
    }

    /// How many were left out since this was asked last.
    mutating func takeLeftOut() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }

    private static let window = Milliseconds(1_000)
}
