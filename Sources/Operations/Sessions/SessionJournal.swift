import DequeModule
import Gateway
import Glibc
import Synchronization

/// What happened to each session: of those that live, and of those that ended last.
///
/// It is told of events on the sessions' thread, and asked by others. Only gateways with an admin page have one.
public final class SessionJournal: Sendable {
    /// One session's life.
    public struct Record: Sendable {
        public let id: SessionID
        public let route: String
        /// Which of the route's servers it is on; nil for a route with one.
        public let server: String?
        public internal(set) var timeline = SessionTimeline()
        /// What it carried; nil while it lives.
        public internal(set) var carried: SessionCounters?
    }

    private struct State {
        /// As many as there are sessions, which are bounded.
        var live: [SessionID: Record] = [:]
        var ended: [SessionID: Record] = [:]
        /// The oldest first.
        var order = Deque<SessionID>()

        mutating func keep(_ record: Record) {
            if order.count == SessionJournal.endedLimit, let oldest = order.popFirst() { ended[oldest] = nil }
            order.append(record.id)
            ended[record.id] = record
        }
    }

    // Our choice.
    /// Sessions that ended and are still known.
    static let endedLimit = 512

    private let state = Mutex(State())

    public init() {}

    public func note(_ event: SessionEvent) {
        note(event, at: Self.now)
    }

    /// - Parameter time: milliseconds since 1970.
    func note(_ event: SessionEvent, at time: UInt64) {
        state.withLock { state in
            if case .joined = event.kind {
                state.live[event.session] = Record(id: event.session, route: event.route, server: event.server)
            }
            state.live[event.session]?.timeline.append(SessionTimeline.Event(event.kind), at: time)
            guard case .ended(_, _, let counters) = event.kind,
                var record = state.live.removeValue(forKey: event.session)
            else { return }
            record.carried = counters
            state.keep(record)
        }
    }

    /// What is known of a session, alive or not.
    public subscript(id: SessionID) -> Record? {
        state.withLock { $0.live[id] ?? $0.ended[id] }
    }

    /// The sessions whose ids begin as the log shortens them: hardly ever more than one.
    public func sessions(shortened text: String) -> [SessionID] {
        state.withLock { state in
            (Array(state.live.keys) + state.ended.keys).filter { $0.isShortened(as: text) }
        }
    }

    /// Those that ended last, the latest first.
    public func ended(limit: Int) -> [Record] {
        state.withLock { state in state.order.reversed().prefix(limit).compactMap { state.ended[$0] } }
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(time.tv_sec, 0)) * 1_000 + UInt64(time.tv_nsec / 1_000_000)
    }
}
