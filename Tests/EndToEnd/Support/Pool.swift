/// Things that take long to make, kept for the next test that wants one of the same kind. A test has the ones it uses to
/// itself.
actor Pool<Kind: Hashable & Sendable, Item: Sendable> {
    private var idle: [Kind: [Item]] = [:]

    func take(_ kind: Kind) -> Item? {
        idle[kind]?.popLast()
    }

    func keep(_ item: Item, _ kind: Kind) {
        idle[kind, default: []].append(item)
    }

    /// All that are there; it has none then.
    func takeAll() -> [Item] {
        defer { idle = [:] }
        return idle.values.flatMap { $0 }
    }
}
