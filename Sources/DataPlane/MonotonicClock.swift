import Glibc
import Primitives

/// The one clock of the shell: CLOCK_MONOTONIC, which never jumps.
public enum MonotonicClock {
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}
