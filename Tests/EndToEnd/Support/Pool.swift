/// Things that take long to make, kept for the next test that wants one of the same kind. A test has the ones it uses to
/// itself.
actor Pool<Kind: Hashable & Sendable, Item: Sendable> {
    /// Who was used last is last.
    private var idle: [(kind: Kind, item: Item)] = []
    private let limit: Int

    /// - Parameter limit: how many are kept, of all kinds together.
    init(limit: Int) {
        self.limit = limit
    }

    func take(_ kind: Kind) -> Item? {
        idle.lastIndex { $0.kind == kind }.map { idle.remove(at: $0).item }
    }

    /// Returns the one that has to go for it: nobody has wanted that for the longest time.
    func keep(_ item: Item, _ kind: Kind) -> Item? {
        idle.append((kind, item))
        return idle.count > limit ? idle.removeFirst().item : nil
    }

    /// All that are there; it has none then.
    func takeAll() -> [Item] {
        defer { idle = [] }
        return idle.map(\.item)
    }
}
