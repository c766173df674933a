import CSockets
import Gateway
import Glibc
import Primitives

/// Whether the process has what one more player needs. It is asked at each join.
struct ResourceRoom {
    // Our choice.
    /// Descriptors that are left to those who play, and to HTTP, look-ups and the like.
    static let spareDescriptors = 32
    /// The part of each limit of memory, in percent, from which on nobody joins: the rest is for what those who play may
    /// still need.
    static let memoryPercent: UInt64 = 90

    /// For how long an answer about memory holds. Files of control groups take some 10 µs each to read, and hundreds may
    /// join in a second.
    static let memoryInterval: Milliseconds = 10

    private let limits: MemoryLimits
    private var memory: (isShort: Bool, since: Instant)?

    init(limits: MemoryLimits = MemoryLimits()) { self.limits = limits }

    /// - Parameter owing: players who are joining, and will need a socket each.
    mutating func shortage(owing: Int, at now: Instant) -> Shortage? {
        if isShortOfMemory(at: now) { return .memory }
        return Self.hasDescriptors(Self.spareDescriptors + owing) ? nil : .descriptors
    }

    private mutating func isShortOfMemory(at now: Instant) -> Bool {
        if let memory, now.since(memory.since) < Self.memoryInterval { return memory.isShort }
        let isShort = limits.isAnyBeyond(percent: Self.memoryPercent)
        memory = (isShort, now)
        return isShort
    }

    /// Whether so many could still be opened. A new one gets the lowest number that is free, so that all below it are
    /// taken; opening it shows whether the host has one at all.
    private static func hasDescriptors(_ count: Int) -> Bool {
        let lowest = eventfd(0, Int32(EFD_CLOEXEC))
        guard lowest >= 0 else { return false }
        close(lowest)
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return true }
        return UInt64(lowest) + UInt64(count) <= UInt64(limit.rlim_cur)
    }
}
