// The demo's own wire order is little-endian, because that is what a page's DataView and typed arrays write most simply.

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func append(littleEndian value: Float) {
        append(littleEndian: value.bitPattern)
    }

    mutating func append(littleEndian value: Double) {
        append(littleEndian: value.bitPattern)
    }
}

/// Reads a borrowed run of bytes from front to back. Past the end it returns nil and never traps.
struct LittleEndianReader {
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    mutating func readInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type = Value.self) -> Value? {
        guard rest.count >= MemoryLayout<Value>.size else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(MemoryLayout<Value>.size)) }
        return Value(littleEndian: rest.loadUnaligned(as: Value.self))
    }

    mutating func readFloat() -> Float? { readInteger(UInt32.self).map { Float(bitPattern: $0) } }

    mutating func readDouble() -> Double? { readInteger(UInt64.self).map { Double(bitPattern: $0) } }

    mutating func readRest() -> UnsafeRawBufferPointer {
        defer { rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(rest.count)) }
        return rest
    }

    var isAtEnd: Bool { rest.isEmpty }
}
