import Primitives

/// Since when one direction's reliable messages have waited without a single message going through.
struct Stall {
    private(set) var since: Instant?
    private var isNotable = false
    private var carried: UInt64 = 0

    /// - Parameters:
    ///   - isWaiting: whether the sender is being made to wait.
    ///   - carried: messages of this direction so far; any progress starts the wait anew.
    /// - Returns: whether it has now become one to tell of, or is one no longer; nil where nothing changed.
    mutating func note(isWaiting: Bool, carried: UInt64, at now: Instant) -> Change? {
        update(isWaiting: isWaiting, carried: carried, at: now)
        let wasNotable = isNotable
        isNotable = since.map { now.since($0) >= Self.notableTime } ?? false
        guard isNotable != wasNotable else { return nil }
        return isNotable ? .began : .ended
    }

    enum Change {
        case began, ended
    }

    // Our choice.
    /// Until then it is a network's usual trouble. The session's other deadlines come often enough to see it.
    static let notableTime = Milliseconds(2_000)

    private mutating func update(isWaiting: Bool, carried: UInt64, at now: Instant) {
        guard isWaiting else {
            since = nil
            return
        }
        if since == nil || carried != self.carried {
            since = now
            self.carried = carried
        }
    }
}
