/// The value of a JSON text (RFC 8259).
///
/// Left out: numbers that a `Double` cannot hold are rounded as it rounds, or refused where they have no bound.
public enum JSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Nil for what is no JSON text, has a name twice in one object (RFC 7519 §4 leaves it to us to refuse that), or is
    /// nested deeper than `depthLimit`.
    public init?(parsing bytes: [UInt8]) {
        guard let value = JSONReader.value(of: bytes) else { return nil }
        self = value
    }

    // Our choice.
    /// Arrays and objects within each other.
    public static let depthLimit = 16

    /// An object's member; nil for another value.
    public subscript(name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    public var members: [String: JSON]? {
        if case .object(let members) = self { members } else { nil }
    }

    public var elements: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    /// A whole number within a range.
    public func integer(in range: ClosedRange<Int>) -> Int? {
        number.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
    }

    /// The strings of an array of nothing else, or one string alone, as `aud` has them (RFC 7519 §4.1.3).
    public var strings: [String]? {
        if let string { return [string] }
        guard let elements else { return nil }
        let strings = elements.compactMap(\.string)
        return strings.count == elements.count ? strings : nil
    }
}

extension String {
    /// RFC 7519 §7.3: code point by code point. Swift's own comparison takes different spellings of one character for equal.
    public func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
