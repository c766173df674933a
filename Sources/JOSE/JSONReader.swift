/// Reads a JSON text from front to back.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func value(of bytes: [UInt8]) -> JSON? {
        // RFC 8259 §8.1
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var reader = JSONReader(bytes)
        guard let value = reader.readValue(), reader.peek() == nil else { return nil }
        return value
    }

    /// The next byte that is no white space (RFC 8259 §2).
    private mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func readValue() -> JSON? {
        switch peek() {
        case UInt8(ascii: "{"): readNested { $0.readObject() }
        case UInt8(ascii: "["): readNested { $0.readArray() }
        case UInt8(ascii: "\""): readString().map { .string($0) }
        case UInt8(ascii: "t"): readWord("true", .boolean(true))
        case UInt8(ascii: "f"): readWord("false", .boolean(false))
        case UInt8(ascii: "n"): readWord("null", .null)
        default: readNumber()
        }
    }

    private mutating func readNested(_ read: (inout JSONReader) -> JSON?) -> JSON? {
        guard depth < JSON.depthLimit else { return nil }
        depth += 1
        position += 1
        defer { depth -= 1 }
        return read(&self)
    }

    private mutating func readWord(_ word: String, _ value: JSON) -> JSON? {
        guard bytes[position...].starts(with: word.utf8) else { return nil }
        position += word.utf8.count
        return value
    }

    private mutating func readArray() -> JSON? {
        var elements: [JSON] = []
        if take("]") { return .array([]) }
        repeat {
            guard let element = readValue() else { return nil }
            elements.append(element)
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func readObject() -> JSON? {
        var members: [String: JSON] = [:]
        if take("}") { return .object([:]) }
        repeat {
            guard peek() == UInt8(ascii: "\""), let name = readString(), take(":"), let value = readValue(),
                members.updateValue(value, forKey: name) == nil
            else { return nil }
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    // MARK: - Numbers

    /// RFC 8259 §6
    private mutating func readNumber() -> JSON? {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else if !skipDigits() {
            return nil
        }
        if current == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() else { return nil }
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() else { return nil }
        }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite else {
            return nil
        }
        return .number(number)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// False when there is none.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    // MARK: - Strings

    /// RFC 8259 §7
    private mutating func readString() -> String? {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = readEscape() else { return nil }
                text += Array(String(scalar).utf8)
            case 0x00...0x1F: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape() -> Unicode.Scalar? {
        guard let byte = current else { return nil }
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": return Unicode.Scalar(byte)
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return readUnicodeEscape()
        default: return nil
        }
    }

    /// What follows `\u`; two of them for a character beyond the basic plane, and never half of one.
    private mutating func readUnicodeEscape() -> Unicode.Scalar? {
        guard let first = readHexDigits() else { return nil }
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) }
        guard current == UInt8(ascii: "\\") else { return nil }
        position += 1
        guard current == UInt8(ascii: "u") else { return nil }
        position += 1
        guard let second = readHexDigits(), (0xDC00...0xDFFF).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func readHexDigits() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        let digits = bytes[position..<position + 4]
        position += 4
        // UInt32 would take a sign, too.
        guard digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
