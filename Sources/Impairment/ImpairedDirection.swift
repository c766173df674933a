import Primitives

/// One direction of an impaired way: each datagram is dropped or held until it is due. They stay in order.
///
/// A value of its inputs, chance included: the same seed, times and datagrams give the same losses and times.
public struct ImpairedDirection: Sendable {
    // Our choice: more than a session of the demo has on its way in a second.
    static let maximumDatagrams = 1024
    static let maximumBytes = 1 << 20

    private struct Held: Sendable {
        let due: Instant
        let path: Path
        let bytes: [UInt8]
    }

    public var impairment: Impairment
    /// Datagrams that came to be sent on.
    public private(set) var offered: UInt64 = 0
    public private(set) var drops = DropCounters()
    private var held: [Held] = []
    private var heldBytes = 0
    private var random: ImpairmentRandom

    public init(_ impairment: Impairment, seed: UInt64) {
        self.impairment = impairment
        random = ImpairmentRandom(state: seed)
    }

    public var isEmpty: Bool { held.isEmpty }
    /// How many datagrams it holds.
    public var count: Int { held.count }
    /// When the first datagram is due.
    public var nextDeadline: Instant? { held.first?.due }

    /// Takes a datagram that would cross at `now`.
    public mutating func take(_ datagram: UnsafeRawBufferPointer, on path: Path, at now: Instant) {
        offered &+= 1
        // Both are drawn for every datagram, so that what happens to one does not depend on the fate of others.
        let chance = Int.random(in: 0..<100, using: &random)
        let jitter = UInt64.random(in: 0...UInt64(impairment.jitter) * 1000, using: &random)
        guard chance >= impairment.lossPercent else { return drops.count(.impairmentLoss) }
        guard held.count < Self.maximumDatagrams, heldBytes + datagram.count <= Self.maximumBytes else {
            return drops.count(.impairmentQueueFull)
        }
        let late = Milliseconds(nanoseconds: UInt64(impairment.delay) * 1_000_000 + jitter * 1000)
        // Never before one that came earlier: a network may, but it would hide what loss alone does.
        let due = max(now + late, held.last?.due ?? now)
        held.append(Held(due: due, path: path, bytes: Array(datagram)))
        heldBytes += datagram.count
    }

    /// Hands over what is due, in order. A datagram `deliver` returns a reason for was not wanted any more.
    public mutating func release(at now: Instant, _ deliver: (UnsafeRawBufferPointer, Path) -> DropReason?) {
        let due = held.prefix { $0.due <= now }
        guard !due.isEmpty else { return }
        for datagram in due {
            heldBytes -= datagram.bytes.count
            if let reason = datagram.bytes.withUnsafeBytes({ deliver($0, datagram.path) }) { drops.count(reason) }
        }
        held.removeFirst(due.count)
    }
}

/// SplitMix64: small and seeded, and as good as losses need.
struct ImpairmentRandom: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
