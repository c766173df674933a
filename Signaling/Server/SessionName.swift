import Gateway

/// What names a session in its URL: its id, behind the gateway's name and a dot where the gateway has one.
struct SessionName: Equatable, CustomStringConvertible {
    let node: NodeName?
    let id: SessionID

    init(node: NodeName?, id: SessionID) {
        self.node = node
        self.id = id
    }

    /// Reads what `description` wrote; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = parts.last, let id = SessionID(last) else { return nil }
        self.id = id
        guard parts.count == 2 else {
            node = nil
            return
        }
        guard let node = NodeName(parts[0]) else { return nil }
        self.node = node
    }

    var description: String { node.map { "\($0).\(id)" } ?? "\(id)" }
}
