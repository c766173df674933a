import Primitives

/// All captures that run, or of which something was not fetched yet.
struct CaptureTable {
    private var captures: [SessionCapture] = []
    private var lastNumber: UInt64 = 0

    // Our choice.
    /// Each may keep `SessionCapture.waitingLimit` bytes.
    static let limit = 4
    /// How long what nobody fetches is kept after the end.
    static let keepingTime: Milliseconds = .seconds(60)

    var count: Int { captures.count }

    var nextDeadline: Instant? {
        captures.lazy.compactMap { Self.deadline(of: $0) }.min()
    }

    subscript(id: CaptureID) -> SessionCapture? {
        captures.first { $0.id == id }
    }

    /// The name of a capture of that session that may begin now.
    mutating func claim(_ session: SessionID) throws(CaptureRefusal) -> CaptureID {
        guard !captures.contains(where: { $0.id.session == session && $0.end == nil }) else { throw .alreadyCaptured }
        guard captures.count < Self.limit else { throw .tooMany }
        lastNumber += 1
        return CaptureID(session: session, number: lastNumber)
    }

    mutating func insert(_ capture: SessionCapture) {
        captures.append(capture)
    }

    mutating func remove(_ id: CaptureID) {
        captures.removeAll { $0.id == id }
    }

    mutating func advance(to now: Instant) {
        guard let nextDeadline, nextDeadline <= now else { return }
        for capture in captures { capture.advance(to: now) }
        captures.removeAll { capture in
            guard capture.end != nil, let deadline = Self.deadline(of: capture) else { return false }
            return deadline <= now
        }
    }

    private static func deadline(of capture: SessionCapture) -> Instant? {
        capture.end.map { $0.at + keepingTime } ?? capture.nextDeadline
    }
}
