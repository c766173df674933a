import Glibc
import Primitives

/// When a look must be over: every call that could block waits no longer.
struct Deadline {
    private let end: Instant

    init(in time: Milliseconds) {
        end = Self.now + time
    }

    /// Milliseconds for poll(2), rounded up; 0 when it is over.
    var remaining: Int32 {
        let left = end.since(Self.now)
        return Int32(clamping: (left.nanoseconds + 999_999) / 1_000_000)
    }

    /// Waits until the descriptor can be read or written.
    func wait(for descriptor: Int32, _ events: Int32) throws(DiscoveryError) {
        var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let time = remaining
            let result = poll(&watched, 1, time)
            if result > 0 { return }
            guard result < 0, errno == EINTR else { throw .timedOut }
        }
    }

    private static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
