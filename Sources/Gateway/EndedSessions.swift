import DequeModule

/// What became of the sessions that ended last, for a page that asks why.
struct EndedSessions {
    // Our choice: a page asks within seconds.
    static let limit = 1024

    private var reasons: [SessionID: EndReason] = [:]
    private var order = Deque<SessionID>()

    mutating func append(_ id: SessionID, _ reason: EndReason) {
        if order.count == Self.limit, let oldest = order.popFirst() {
            reasons[oldest] = nil
        }
        order.append(id)
        reasons[id] = reason
    }

    subscript(id: SessionID) -> EndReason? { reasons[id] }
}
