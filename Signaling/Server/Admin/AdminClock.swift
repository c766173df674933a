import Glibc

extension AdminService {
    /// Milliseconds since 1970.
    func time() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(time.tv_sec, 0)) * 1_000 + UInt64(time.tv_nsec / 1_000_000)
    }
}
