import CSockets
import Glibc
import Primitives

/// epoll, a timer and a wake-up in one: what a worker sleeps on.
final class EventPoll {
    /// What became readable, or writable.
    enum Source: Hashable {
        case shared
        case inbox
        case timer
        /// New TCP connections.
        case listener
        /// A session's server socket, by its place in the table.
        case server(Int)
        case connection(TCPConnectionID)

        private static let firstServer: UInt64 = 16
        private static let firstConnection: UInt64 = 1 << 63

        init?(token: UInt64) {
            switch token {
            case 0: self = .shared
            case 1: self = .inbox
            case 2: self = .timer
            case 3: self = .listener
            case Self.firstConnection...:
                self = .connection(TCPConnectionID(number: token - Self.firstConnection))
            case Self.firstServer...: self = .server(Int(token - Self.firstServer))
            default: return nil
            }
        }

        var token: UInt64 {
            switch self {
            case .shared: 0
            case .inbox: 1
            case .timer: 2
            case .listener: 3
            case .connection(let id): Self.firstConnection + id.number
            case .server(let index): Self.firstServer + UInt64(index)
            }
        }
    }

    private let poll: Int32
    private let timer: Int32
    private var armed: Instant?
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws(NetworkError) {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard poll >= 0, timer >= 0 else { throw .refused(call: "open an epoll", code: errno) }
        try watch(timer, as: .timer)
    }

    deinit {
        close(timer)
        close(poll)
    }

    /// Reports `descriptor` as `source` whenever it is readable, until it is closed.
    func watch(_ descriptor: Int32, as source: Source) throws(NetworkError) {
        guard control(EPOLL_CTL_ADD, descriptor, source, EPOLLIN.rawValue) else {
            throw .refused(call: "watch a socket", code: errno)
        }
    }

    /// Whether a watched descriptor is reported when it is writable, too.
    func watch(_ descriptor: Int32, as source: Source, isWriting: Bool) {
        _ = control(EPOLL_CTL_MOD, descriptor, source, EPOLLIN.rawValue | (isWriting ? EPOLLOUT.rawValue : 0))
    }

    /// Whether a watched descriptor is reported at all.
    func watch(_ descriptor: Int32, as source: Source, isReading: Bool) {
        _ = control(EPOLL_CTL_MOD, descriptor, source, isReading ? EPOLLIN.rawValue : 0)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ source: Source, _ events: UInt32) -> Bool {
        var event = epoll_event()
        event.events = events
        event.data.u64 = source.token
        return epoll_ctl(poll, operation, descriptor, &event) == 0
    }

    /// How a source is ready. One that broke is readable: reading it tells.
    struct Readiness {
        let isReadable: Bool
        let isWritable: Bool

        fileprivate init(events: UInt32) {
            isWritable = events & EPOLLOUT.rawValue != 0
            isReadable = events & ~EPOLLOUT.rawValue != 0
        }
    }

    /// Sleeps until something is ready or the timer is due, or not at all; calls `body` with what is ready.
    ///
    /// - Parameter polling: how long it looks again and again before it sleeps.
    /// - Returns: false when more may be ready than `body` was called with.
    @discardableResult
    func wait(sleeping: Bool, polling: Milliseconds? = nil, _ body: (Source, Readiness) -> Void) -> Bool {
        var count: Int32 = 0
        if sleeping, let polling { count = look(for: polling) }
        if count == 0 { count = look(sleeping: sleeping) }
        guard count > 0 else { return true }
        for event in events.prefix(Int(count)) {
            guard let source = Source(token: event.data.u64) else { continue }
            if source == .timer {
                clearTimer()
            } else {
                body(source, Readiness(events: event.events))
            }
        }
        return count < events.count
    }

    private func look(for span: Milliseconds) -> Int32 {
        let end = MonotonicClock.now + span
        while true {
            let count = look(sleeping: false)
            guard count == 0, MonotonicClock.now < end else { return count }
        }
    }

    private func look(sleeping: Bool) -> Int32 {
        epoll_wait(poll, &events, Int32(events.count), sleeping ? -1 : 0)
    }

    /// Sets when `wait` returns at the latest.
    func arm(_ deadline: Instant?) {
        guard deadline != armed else { return }
        armed = deadline
        var setting = itimerspec()
        if let deadline {
            // A zero time would disarm the timer.
            let nanoseconds = max(deadline.nanoseconds, 1)
            setting.it_value = timespec(
                tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        }
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    private func clearTimer() {
        var expirations: UInt64 = 0
        _ = read(timer, &expirations, MemoryLayout<UInt64>.size)
        armed = nil
    }
}
