import Primitives

/// A short list of attribute types, kept in place: the ones a request used and we do not know, or UNKNOWN-ATTRIBUTES
/// of a 420 response (RFC 8489 §14.9).
public struct AttributeTypeList: Sendable {
    // Our choice: the rest of a longer list is dropped. Naming eight is enough for the sender to see what is wrong.
    public static let capacity = 8

    private var types = InlineArray<8, UInt16>(repeating: 0)
    public private(set) var count = 0

    public init() {}

    public init(_ types: some Sequence<AttributeType>) {
        for type in types {
            append(type)
        }
    }

    init(unknownAttributes value: UnsafeRawBufferPointer) throws(DropReason) {
        guard value.count % 2 == 0 else { throw .stunMalformed }
        var reader = ByteReader(value)
        while count < Self.capacity, let type = reader.readUInt16() {
            append(AttributeType(rawValue: type))
        }
    }

    public var isEmpty: Bool { count == 0 }

    /// The type at `index`, which must be below `count`.
    public subscript(index: Int) -> AttributeType {
        precondition(index >= 0 && index < count, "an index into an attribute list must be below its count")
        return AttributeType(rawValue: types[index])
    }

    /// Adds a type at the end; a full list, or one that already has it, stays as it is.
    public mutating func append(_ type: AttributeType) {
        guard count < Self.capacity, !contains(type) else { return }
        types[count] = type.rawValue
        count += 1
    }

    public func contains(_ type: AttributeType) -> Bool {
        (0..<count).contains { types[$0] == type.rawValue }
    }
}

extension AttributeTypeList: Equatable {
    public static func == (left: AttributeTypeList, right: AttributeTypeList) -> Bool {
        left.count == right.count && (0..<left.count).allSatisfy { left.types[$0] == right.types[$0] }
    }
}
