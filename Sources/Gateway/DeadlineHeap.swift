import Primitives

/// When each session next wants time: a binary heap in which a session's older entries are left behind and passed over
/// when they come up.
struct DeadlineHeap: Sendable {
    private struct Entry: Sendable {
        let deadline: Instant
        let slot: SessionSlot
    }

    private var entries: [Entry] = []
    private var current: [SessionSlot: Instant] = [:]

    /// Sessions with a deadline.
    var count: Int { current.count }
    /// Entries kept, abandoned ones included.
    var entryCount: Int { entries.count }

    /// Sets or clears a session's deadline.
    mutating func set(_ deadline: Instant?, for slot: SessionSlot) {
        guard let deadline else {
            current[slot] = nil
            return
        }
        let known = current.updateValue(deadline, forKey: slot)
        guard known != deadline else { return }
        push(Entry(deadline: deadline, slot: slot))
        // Bound: abandoned entries never outnumber live ones many times over.
        if entries.count > 64 + 4 * current.count {
            rebuild()
        }
    }

    /// The earliest deadline of all.
    mutating func earliest() -> Instant? {
        discardAbandoned()
        return entries.first?.deadline
    }

    /// Takes out one session whose deadline is not after `now`.
    mutating func popExpired(at now: Instant) -> SessionSlot? {
        discardAbandoned()
        guard let first = entries.first, first.deadline <= now else { return nil }
        current[first.slot] = nil
        removeFirst()
        return first.slot
    }

    private mutating func discardAbandoned() {
        while let first = entries.first, current[first.slot] != first.deadline {
            removeFirst()
        }
    }

    private mutating func rebuild() {
        entries = current.map { Entry(deadline: $0.value, slot: $0.key) }
        // A sorted array is a heap.
        entries.sort { $0.deadline < $1.deadline }
    }

    private mutating func push(_ entry: Entry) {
        entries.append(entry)
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        let last = entries.removeLast()
        guard !entries.isEmpty else { return }
        entries[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { return }
            let right = left + 1
            let least = right < entries.count && entries[right].deadline < entries[left].deadline ? right : left
            guard entries[least].deadline < entries[parent].deadline else { return }
            entries.swapAt(least, parent)
            parent = least
        }
    }
}
