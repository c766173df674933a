/// A queue over one array: appended at the back, taken from the front, its memory reused.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var start = 0

    var isEmpty: Bool { start == elements.count }
    var first: Element? { isEmpty ? nil : elements[start] }

    mutating func append(_ element: Element) {
        if start > 32, start * 2 > elements.count {
            elements.removeFirst(start)
            start = 0
        }
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard start < elements.count else { return nil }
        defer {
            elements[start] = nil
            start += 1
            if start == elements.count {
                elements.removeAll(keepingCapacity: true)
                start = 0
            }
        }
        return elements[start]
    }
}
