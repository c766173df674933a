import CSockets
import Glibc
import Primitives

/// Sleeps until a socket is readable or it is time.
package final class SocketPoll {
    private let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private static let timerToken = UInt64.max

    package init() throws {
        guard poll >= 0, timer >= 0 else { throw LoadError("There is no epoll.") }
        try watch(timer, as: Self.timerToken)
    }

    deinit {
        close(timer)
        close(poll)
    }

    /// Until it is closed.
    package func watch(_ descriptor: Int32, as token: UInt64) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = token
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw LoadError("A socket cannot be watched.")
        }
    }

    /// Calls `body` with the token of each socket that is readable.
    package func wait(until deadline: Instant, _ body: (UInt64) -> Void) {
        arm(deadline)
        let count = epoll_wait(poll, &events, Int32(events.count), -1)
        for event in events.prefix(Int(max(count, 0))) {
            if event.data.u64 == Self.timerToken {
                var expirations: UInt64 = 0
                _ = read(timer, &expirations, 8)
            } else {
                body(event.data.u64)
            }
        }
    }

    private func arm(_ deadline: Instant) {
        var setting = itimerspec()
        // A zero time would disarm the timer.
        let nanoseconds = max(deadline.nanoseconds, 1)
        setting.it_value = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }
}
