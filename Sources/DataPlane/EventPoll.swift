import CSockets
import Glibc
import Primitives

/// epoll, a timer and a wake-up in one: what a worker sleeps on.
final class EventPoll {
    /// What became readable.
    enum Source: Hashable {
        case shared
        case inbox
        case timer
        /// A session's server socket, by its place in the table.
        case server(Int)

        private static let firstServer: UInt64 = 16

        init?(token: UInt64) {
            switch token {
            case 0: self = .shared
            case 1: self = .inbox
            case 2: self = .timer
            case Self.firstServer...: self = .server(Int(token - Self.firstServer))
            default: return nil
            }
        }

        var token: UInt64 {
            switch self {
            case .shared: 0
            case .inbox: 1
            case .timer: 2
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
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = source.token
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw .refused(call: "watch a socket", code: errno)
        }
    }

    /// Sleeps until something is readable or the timer is due, or not at all; calls `body` with what is readable.
    func wait(sleeping: Bool, _ body: (Source) -> Void) {
        let count = epoll_wait(poll, &events, Int32(events.count), sleeping ? -1 : 0)
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) {
            guard let source = Source(token: event.data.u64) else { continue }
            if source == .timer {
                clearTimer()
            } else {
                body(source)
            }
        }
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
