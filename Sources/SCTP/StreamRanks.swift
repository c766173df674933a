/// Which streams usrsctp sends first (RFC 8260 §3.4, priority based scheduling): those that carry unreliable messages,
/// which are worth least a moment later. Without it streams would take turns, a message each, and state would wait for
/// 16 KiB of a transfer with every message.
struct StreamRanks {
    /// Rank 0 goes first, and is every stream's until another is set.
    enum Rank: UInt16 {
        case first = 0
        case behind = 1
    }

    private var ranks: [UInt16: Rank] = [:]

    /// The rank that is to be set before a message is sent on `stream`; nil when it has the right one.
    mutating func change(for stream: UInt16, isReliable: Bool) -> Rank? {
        let before = ranks[stream]
        let rank: Rank = isReliable && before != .first ? .behind : .first
        guard rank != before else { return nil }
        ranks[stream] = rank
        return before == nil && rank == .first ? nil : rank
    }
}
