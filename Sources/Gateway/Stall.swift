import Primitives

/// Since when one direction's reliable messages have waited without a single message going through.
struct Stall {
    private(set) var since: Instant?
    private var carried: UInt64 = 0

    /// - Parameters:
    ///   - isWaiting: whether the sender is being made to wait.
    ///   - carried: messages of this direction so far; any progress starts the wait anew.
    mutating func note(isWaiting: Bool, carried: UInt64, at now: Instant) {
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
