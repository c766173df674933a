/// What a bad network does to datagrams, in numbers a person chooses.
///
/// Left out: bandwidth, reordering, duplication and damage; losses are independent of each other.
public struct Impairment: Hashable, Sendable {
    /// How many of a hundred datagrams are lost, in each direction.
    public let lossPercent: Int
    /// Milliseconds by which each datagram is late, in each direction, at the least.
    public let delay: Int

    // Our choice: beyond these nobody plays.
    public static let lossPercents = 0...50
    public static let delays = 0...1000

    public static let none = Impairment(within: 0, 0)

    /// Nil outside `lossPercents` and `delays`.
    public init?(lossPercent: Int, delay: Int) {
        guard Self.lossPercents.contains(lossPercent), Self.delays.contains(delay) else { return nil }
        self.init(within: lossPercent, delay)
    }

    private init(within lossPercent: Int, _ delay: Int) {
        self.lossPercent = lossPercent
        self.delay = delay
    }

    /// A datagram is up to this much later still, in milliseconds, each by another amount: a way that delays also jitters.
    var jitter: Int { delay / 4 }
}
