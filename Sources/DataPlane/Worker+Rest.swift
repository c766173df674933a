import Glibc
import Primitives

// What the worker does before it looks again (`WorkerRest`).
extension Worker {
    /// Sleeps while the next turn is to wait, whatever comes.
    func coalesce(before deadline: Instant?) {
        guard !hasMore, let end = coalescing?.wait(at: MonotonicClock.now, before: deadline) else { return }
        var time = timespec(
            tv_sec: Int(end.nanoseconds / 1_000_000_000), tv_nsec: Int(end.nanoseconds % 1_000_000_000))
        // A signal may end it sooner, and the kernel may let it last 50 µs longer (timer slack, prctl(2)).
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
    }
}
