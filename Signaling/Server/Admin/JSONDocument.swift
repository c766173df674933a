/// A JSON text to be written (RFC 8259). Members keep their order.
enum JSONDocument: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case count(UInt64)
    /// A finite one.
    case decimal(Double)
    case string(String)
    case array([JSONDocument])
    case object([(String, JSONDocument)])

    var text: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .count(let value): "\(value)"
        case .decimal(let value): "\(value)"
        case .string(let value): StatusDocument.quoted(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { StatusDocument.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
        }
    }

    /// Null for nil.
    init<Value>(_ value: Value?, _ make: (Value) -> JSONDocument) {
        self = value.map(make) ?? .null
    }
}

/// An object, by its members in order.
extension JSONDocument: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: (String, JSONDocument)...) { self = .object(elements) }
}
