import Dispatch
import Synchronization

/// What went wrong while a test waited for another program, as one sentence.
struct HarnessError: Error, CustomStringConvertible {
    let description: String

    init(_ sentence: String) {
        description = sentence
    }
}

/// Things that another program or page told us, in order, each of which can be awaited whether it came already or not.
final class Journal<Entry: Sendable>: Sendable {
    private struct Waiter {
        let what: String
        let wanted: @Sendable (Entry) -> Bool
        let continuation: CheckedContinuation<Entry, any Error>
    }

    private struct State {
        var entries: [Entry] = []
        var waiters: [Int: Waiter] = [:]
        var waitersEver = 0
        var ended: String?
    }

    private let state = Mutex(State())

    /// Everything so far.
    var entries: [Entry] { state.withLock { $0.entries } }

    /// Returns its position.
    @discardableResult
    func append(_ entry: Entry) -> Int {
        let (position, woken) = state.withLock { state in
            state.entries.append(entry)
            let ready = state.waiters.filter { $0.value.wanted(entry) }
            for key in ready.keys { state.waiters[key] = nil }
            return (state.entries.count - 1, ready.values.map(\.continuation))
        }
        for continuation in woken { continuation.resume(returning: entry) }
        return position
    }

    /// Nothing will come any more: whoever waits, now or later, is told why.
    func end(_ why: String) {
        let left = state.withLock { state in
            state.ended = state.ended ?? why
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in left {
            waiter.continuation.resume(throwing: HarnessError("waiting for \(waiter.what): \(why)\n\(tail)"))
        }
    }

    /// The first entry that is wanted, from position `start` on (`entries.count` taken earlier means: only new ones).
    func first(
        _ what: String, from start: Int = 0, within patience: Duration = .seconds(20),
        where wanted: @escaping @Sendable (Entry) -> Bool
    ) async throws -> Entry {
        try await withCheckedThrowingContinuation { continuation in
            let waiter = Waiter(what: what, wanted: wanted, continuation: continuation)
            let (found, ended, key): (Entry?, String?, Int) = state.withLock { state in
                if let entry = state.entries.dropFirst(start).first(where: wanted) { return (entry, nil, 0) }
                if let ended = state.ended { return (nil, ended, 0) }
                state.waitersEver += 1
                state.waiters[state.waitersEver] = waiter
                return (nil, nil, state.waitersEver)
            }
            if let found {
                continuation.resume(returning: found)
            } else if let ended {
                continuation.resume(throwing: HarnessError("waiting for \(what): \(ended)\n\(tail)"))
            } else {
                DispatchQueue.global().asyncAfter(deadline: .now() + patience.seconds) {
                    self.giveUp(key, after: patience)
                }
            }
        }
    }

    private func giveUp(_ key: Int, after patience: Duration) {
        guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: key) }) else { return }
        waiter.continuation.resume(
            throwing: HarnessError("waiting for \(waiter.what): nothing after \(patience)\n\(tail)"))
    }

    /// The latest entries, for the message of a failure.
    private var tail: String {
        entries.suffix(20).map { "    \($0)" }.joined(separator: "\n")
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
