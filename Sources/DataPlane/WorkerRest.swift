import Primitives

/// What a worker does between two turns: sleeping costs least where little happens, and each wake-up costs latency and
/// processor time of its own.
public enum WorkerRest: Equatable, Sendable {
    /// It sleeps until something has come.
    case sleeping
    /// It goes on looking for so long before it sleeps: what comes meanwhile does not wait for a wake-up, and the
    /// processor is not free for others.
    case polling(for: Milliseconds)
    /// Where much comes, it lets so long pass from one turn's beginning to the next one's, so that a turn has more to do:
    /// datagrams wait, and each costs less.
    case coalescing(Milliseconds)
}

/// Whether the next turn of a worker that coalesces is to wait, by what came lately.
struct Coalescing {
    let span: Milliseconds
    private var turnBegan = Instant.zero
    private var hasReadAll = true
    private var windowBegan = Instant.zero
    /// Datagrams that had come when it began.
    private var arrivedBefore: UInt64 = 0
    /// Datagrams expected in a span.
    private var expected: UInt64 = 0

    // Our choice.
    /// Fewer datagrams than these in a span, and waiting for them costs a wake-up more than it saves.
    private static let fewest: UInt64 = 6
    /// Over which arrivals are counted.
    private static let window: Milliseconds = 10

    init(_ span: Milliseconds) {
        self.span = span
    }

    /// - Parameters:
    ///   - began: when the turn began.
    ///   - arrived: datagrams that have come since the worker started.
    ///   - hasReadAll: false where some wait already.
    mutating func noteTurn(began: Instant, arrived: UInt64, hasReadAll: Bool) {
        turnBegan = began
        self.hasReadAll = hasReadAll
        let elapsed = began.since(windowBegan)
        guard elapsed >= Self.window else { return }
        // A window of any length has datagrams by the million at most; a span is of milliseconds.
        expected = (arrived - arrivedBefore) * span.nanoseconds / elapsed.nanoseconds
        windowBegan = began
        arrivedBefore = arrived
    }

    /// Until when the worker is to wait before it looks, but for a deadline; nil where it is not.
    func wait(at now: Instant, before deadline: Instant?) -> Instant? {
        guard hasReadAll, expected >= Self.fewest else { return nil }
        let end = min(turnBegan + span, deadline ?? turnBegan + span)
        return end > now ? end : nil
    }
}
