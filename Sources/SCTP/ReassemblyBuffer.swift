/// Collects the pieces of one message that usrsctp hands over in parts, and keeps the whole until the next one starts.
struct ReassemblyBuffer: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var count = 0
    private let limit: Int

    /// - Parameter limit: the largest message, in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    deinit {
        storage.deallocate()
    }

    /// False, and nothing kept, when the message would exceed the limit.
    mutating func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard piece.count <= limit - count else { return false }
        if storage.count < count + piece.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: min(limit, max(2 * storage.count, count + piece.count)), alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
            storage.deallocate()
            storage = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: piece)
        count += piece.count
        return true
    }

    /// Forgets the message so far: the rest of it will not come.
    mutating func discard() {
        count = 0
    }

    /// The message so far, valid until the next `append`; the next piece starts a new message.
    mutating func take() -> UnsafeRawBufferPointer {
        defer { count = 0 }
        return UnsafeRawBufferPointer(rebasing: storage[..<count])
    }
}
