import Primitives

/// libenet's clock beside the core's: milliseconds in 32 bits, started when the host first acts.
///
/// It starts at 1 because libenet reads a stored time of 0 as "never", and it never runs backwards.
struct HostClock {
    private var start: Instant?
    /// Milliseconds since the start, plus one, without the wrap.
    private(set) var elapsed: UInt64 = 1

    /// What libenet is told.
    var time: UInt32 { UInt32(truncatingIfNeeded: elapsed) }

    /// The instant of the last `advance`, rounded down to libenet's millisecond.
    var now: Instant { instant(elapsed) }

    mutating func advance(to now: Instant) {
        guard let start else {
            self.start = now
            return
        }
        elapsed = max(elapsed, now.since(start).whole + 1)
    }

    /// The instant at which libenet's clock shows `time`, which lies within 24 days of now.
    func instant(of time: UInt32) -> Instant {
        let ahead = Int64(Int32(bitPattern: time &- self.time))
        return instant(UInt64(max(1, Int64(elapsed) + ahead)))
    }

    private func instant(_ elapsed: UInt64) -> Instant {
        (start ?? .zero) + Milliseconds(elapsed - 1)
    }
}
