import DequeModule

/// What became of the sessions that ended last, for a page that asks why.
public struct EndedSessions: Sendable {
    // Our choice: a page asks within seconds.
    static let limit = 1024

    private var reasons: [SessionID: EndReason] = [:]
    private var order = Deque<SessionID>()

    public init() {}

    mutating func append(_ id: SessionID, _ reason: EndReason) {
        if order.count == Self.limit, let oldest = order.popFirst() {
            reasons[oldest] = nil
        }
        order.append(id)
        reasons[id] = reason
    }

    public var isEmpty: Bool { reasons.isEmpty }

    subscript(id: SessionID) -> EndReason? { reasons[id] }

    public func status(of id: SessionID) -> SessionStatus? { self[id].map { .ended($0) } }
}
