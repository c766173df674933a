/// Network-order appends to an array of bytes.
extension [UInt8] {
    @inlinable
    public mutating func append(bigEndian value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }

    @inlinable
    public mutating func append(bigEndian value: UInt32) {
        append(bigEndian: UInt16(truncatingIfNeeded: value >> 16))
        append(bigEndian: UInt16(truncatingIfNeeded: value))
    }

    @inlinable
    public mutating func append(bigEndian value: UInt64) {
        append(bigEndian: UInt32(truncatingIfNeeded: value >> 32))
        append(bigEndian: UInt32(truncatingIfNeeded: value))
    }

    /// Overwrites two bytes at `offset`, which must lie within the array.
    @inlinable
    public mutating func store(bigEndian value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    /// Overwrites four bytes at `offset`, which must lie within the array.
    @inlinable
    public mutating func store(bigEndian value: UInt32, at offset: Int) {
        store(bigEndian: UInt16(truncatingIfNeeded: value >> 16), at: offset)
        store(bigEndian: UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
