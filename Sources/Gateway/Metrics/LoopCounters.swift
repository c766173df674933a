import Primitives

/// What the thread that drives a core measured of itself. The core knows nothing of it; it is here because metrics show
/// both.
public struct LoopCounters: Sendable {
    /// In nanoseconds: how late the loop was for a core's deadline.
    public var deadlineLag = Histogram(microseconds: lagBounds)
    /// In nanoseconds: how long a join waited for the loop.
    public var requestLag = Histogram(microseconds: lagBounds)
    /// In nanoseconds: how long the first datagram of a batch from browsers waited in the kernel.
    public var datagramLag = Histogram(microseconds: lagBounds)
    /// In nanoseconds: from waking up to having written everything, in which nothing new is looked at.
    public var turns = Histogram(microseconds: lagBounds)
    /// Datagrams that one system call read, or wrote.
    public var received = Histogram(bounds: batchBounds)
    public var sent = Histogram(bounds: batchBounds)
    /// Datagrams the kernel did not take.
    public var unsentDatagrams: UInt64 = 0
    /// Browsers' TCP connections now.
    public var tcpConnections = 0

    public init() {}

    // Our choice.
    private static let lagBounds: [UInt64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    ]
    private static let batchBounds: [UInt64] = [1, 2, 4, 8, 16, 32, 63]
}
