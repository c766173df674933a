import Primitives

/// When each session next wants time: a binary heap that knows where each session's entry is.
struct DeadlineHeap: Sendable {
    private struct Entry: Sendable {
        var deadline: Instant
        let slot: SessionSlot
    }

    private var entries: [Entry] = []
    /// Where a session's entry is, by the index of its slot.
    private var places: [Int?] = []

    /// Sessions with a deadline.
    var count: Int { entries.count }

    /// The earliest deadline of all.
    var earliest: Instant? { entries.first?.deadline }

    /// Sets or clears a session's deadline.
    mutating func set(_ deadline: Instant?, for slot: SessionSlot) {
        let place = place(of: slot)
        switch (deadline, place) {
        case (nil, nil): return
        case (nil, let place?): remove(at: place)
        case (let deadline?, nil): insert(Entry(deadline: deadline, slot: slot))
        case (let deadline?, let place?):
            let before = entries[place].deadline
            entries[place].deadline = deadline
            if deadline < before { rise(from: place) } else if deadline > before { sink(from: place) }
        }
    }

    /// Takes out one session whose deadline is not after `now`.
    mutating func popExpired(at now: Instant) -> SessionSlot? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        remove(at: 0)
        return first.slot
    }

    private func place(of slot: SessionSlot) -> Int? {
        guard slot.index < places.count, let place = places[slot.index] else { return nil }
        precondition(entries[place].slot == slot, "A session's deadline is cleared before its place is another's.")
        return place
    }

    private mutating func insert(_ entry: Entry) {
        while places.count <= entry.slot.index { places.append(nil) }
        entries.append(entry)
        places[entry.slot.index] = entries.count - 1
        rise(from: entries.count - 1)
    }

    private mutating func remove(at place: Int) {
        places[entries[place].slot.index] = nil
        let last = entries.removeLast()
        guard place < entries.count else { return }
        entries[place] = last
        places[last.slot.index] = place
        rise(from: place)
        sink(from: place)
    }

    private mutating func rise(from place: Int) {
        var child = place
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            exchange(child, parent)
            child = parent
        }
    }

    private mutating func sink(from place: Int) {
        var parent = place
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { return }
            let right = left + 1
            let least = right < entries.count && entries[right].deadline < entries[left].deadline ? right : left
            guard entries[least].deadline < entries[parent].deadline else { return }
            exchange(parent, least)
            parent = least
        }
    }

    private mutating func exchange(_ one: Int, _ other: Int) {
        entries.swapAt(one, other)
        places[entries[one].slot.index] = one
        places[entries[other].slot.index] = other
    }
}
