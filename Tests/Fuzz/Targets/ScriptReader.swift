/// A fuzzer's bytes read as numbers and byte strings; after their end, as zeros and empty ones.
struct ScriptReader {
    private var rest: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 {
        rest.popFirst() ?? 0
    }

    mutating func uint16() -> UInt16 {
        UInt16(byte()) << 8 | UInt16(byte())
    }

    mutating func uint32() -> UInt32 {
        UInt32(uint16()) << 16 | UInt32(uint16())
    }

    /// Exactly `count` bytes, or what there is.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// A byte that counts, and that many bytes.
    mutating func string() -> [UInt8] {
        bytes(Int(byte()))
    }

    mutating func remainder() -> [UInt8] {
        bytes(rest.count)
    }

    mutating func choice<Value>(_ values: [Value]) -> Value {
        values[Int(byte()) % values.count]
    }
}
