import Primitives

/// When the peer's TSNs came into sight: how late a message is that arrives, or is delivered, after later ones.
///
/// A sender numbers its DATA chunks in the order in which it first sends them (RFC 9260 §3.3.1), so a message was sent at
/// the latest when one of a higher TSN was. Kept is when the highest TSN so far rose, in steps of `resolution` and no
/// further back than `horizon`.
struct ArrivalTimes {
    // Our choice.
    static let resolution: Milliseconds = 10
    static let horizon: Milliseconds = 500

    private struct Step {
        var highest: UInt32
        let since: Instant
    }

    private var steps: [Step] = []

    /// Notes the highest TSN of a packet.
    mutating func note(_ tsn: UInt32, at now: Instant) {
        guard let last = steps.last else {
            steps.append(Step(highest: tsn, since: now))
            return
        }
        guard Self.isLater(tsn, than: last.highest) else { return }
        if now.since(last.since) < Self.resolution {
            steps[steps.count - 1].highest = tsn
            return
        }
        // The newest of those beyond the horizon stays: it says that all before it are at least as old.
        let kept = steps.lastIndex { now.since($0.since) >= Self.horizon } ?? 0
        steps.removeFirst(kept)
        steps.append(Step(highest: tsn, since: now))
    }

    /// When this TSN or a later one first arrived; nil when none has.
    func arrival(of tsn: UInt32) -> Instant? {
        var arrival: Instant?
        for step in steps.reversed() {
            guard !Self.isLater(tsn, than: step.highest) else { break }
            arrival = step.since
        }
        return arrival
    }

    /// RFC 9260 §1.6: serial number arithmetic.
    private static func isLater(_ one: UInt32, than other: UInt32) -> Bool {
        Int32(bitPattern: one &- other) > 0
    }
}
