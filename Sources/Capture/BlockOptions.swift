import Primitives

/// The options at the end of a block (§3.5): each a code, a length and a value that is padded.
struct BlockOptions {
    // From §3.5, the only codes that all blocks have.
    private static let end: UInt16 = 0
    private static let comment: UInt16 = 1

    private(set) var bytes: [UInt8] = []

    mutating func append(_ code: UInt16, _ value: [UInt8]) {
        // The length has 16 bits, and nothing of ours is as long.
        let value = value.prefix(Int(UInt16.max))
        bytes.append(bigEndian: code)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: value.count))
        bytes += value
        bytes.append(contentsOf: repeatElement(0, count: -value.count & 3))
    }

    mutating func append(_ code: UInt16, _ text: String) {
        append(code, Array(text.utf8))
    }

    mutating func append(_ code: UInt16, _ number: UInt32) {
        var value: [UInt8] = []
        value.append(bigEndian: number)
        append(code, value)
    }

    mutating func append(_ code: UInt16, _ number: UInt64) {
        var value: [UInt8] = []
        value.append(bigEndian: number)
        append(code, value)
    }

    /// A sentence for people; nothing for nil.
    mutating func append(comment: String?) {
        guard let comment else { return }
        append(Self.comment, comment)
    }

    /// The options with their end, or nothing where there are none.
    var closed: [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var closed = bytes
        closed.append(bigEndian: Self.end)
        closed.append(bigEndian: UInt16(0))
        return closed
    }
}
