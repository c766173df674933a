import Primitives

/// One attribute as it lies in the message (RFC 8489 §14).
struct Attribute {
    let type: AttributeType
    /// Where its header starts, in bytes from the start of the message.
    let offset: Int
    /// The value without its padding.
    let value: UnsafeRawBufferPointer
}

/// Walks the attributes of a message, front to back.
struct AttributeReader {
    private var reader: ByteReader

    /// `reader` stands at the first attribute.
    init(_ reader: ByteReader) {
        self.reader = reader
    }

    var isAtEnd: Bool { reader.remaining == 0 }

    mutating func next() throws(DropReason) -> Attribute {
        let offset = reader.offset
        guard let type = reader.readUInt16(), let length = reader.readUInt16(),
            let value = reader.readBytes(Int(length)),
            // RFC 8489 §14: values are padded to four bytes; what the padding holds is ignored.
            reader.skip(-Int(length) & 3)
        else { throw .stunMalformed }
        return Attribute(type: AttributeType(rawValue: type), offset: offset, value: value)
    }
}

extension UnsafeRawBufferPointer {
    /// The whole as one number in network order; malformed unless it is exactly four bytes.
    func exactUInt32() throws(DropReason) -> UInt32 {
        var reader = ByteReader(self)
        guard count == 4, let value = reader.readUInt32() else { throw .stunMalformed }
        return value
    }

    /// The whole as one number in network order; malformed unless it is exactly eight bytes.
    func exactUInt64() throws(DropReason) -> UInt64 {
        var reader = ByteReader(self)
        guard count == 8, let value = reader.readUInt64() else { throw .stunMalformed }
        return value
    }
}
