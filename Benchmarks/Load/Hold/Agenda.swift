import Primitives

/// What is to be done, and when.
final class Agenda {
    private var entries: [(due: Instant, body: (Instant) -> Void)] = []

    func at(_ due: Instant, _ body: @escaping (Instant) -> Void) {
        entries.append((due, body))
    }

    /// Again and again, the first time after one `pause`.
    func every(_ pause: Milliseconds, from now: Instant, _ body: @escaping (Instant) -> Void) {
        at(now + pause) { [unowned self] now in
            body(now)
            every(pause, from: now, body)
        }
    }

    func run(at now: Instant) {
        let due = entries.filter { $0.due <= now }
        guard !due.isEmpty else { return }
        entries.removeAll { $0.due <= now }
        due.forEach { $0.body(now) }
    }

    func clear() { entries.removeAll() }
}
