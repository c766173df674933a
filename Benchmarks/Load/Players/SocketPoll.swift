import CSockets
import Glibc
import Primitives

/// Sleeps until a socket is readable or it is time.
package final class SocketPoll {
    private let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    package init() throws {
        guard poll >= 0 else { throw LoadError("There is no epoll.") }
    }

    deinit { close(poll) }

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
        let nanoseconds = deadline.since(Clock.now).nanoseconds
        var patience = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        let count = epoll_pwait2(poll, &events, Int32(events.count), &patience, nil)
        for index in 0..<Int(max(count, 0)) { body(events[index].data.u64) }
    }
}
