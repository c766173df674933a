import Glibc
import Logging

/// How an entry of the log becomes a line.
public enum LogFormat: String, CaseIterable, Sendable {
    /// Time in UTC, level, message, then `key=value`s sorted by key, for people. Values with spaces are quoted.
    case text
    /// One JSON object (RFC 8259) with `time`, `level`, `message`, and the keys, sorted, for programs. Numbers are numbers.
    case json

    /// A line without its end. Control characters are escaped, so that nothing logged can forge a line.
    ///
    /// - Parameter time: since 1970.
    func line(_ level: Logger.Level, _ message: String, _ fields: Logger.Metadata, at time: timespec) -> String {
        let sorted = fields.sorted { $0.key < $1.key }
        switch self {
        case .text:
            let fields = sorted.map { " \(Self.escaped($0.key))=\(Self.quoted($0.value.description))" }.joined()
            return "\(Self.timestamp(time)) \(level) \(Self.escaped(message))\(fields)"
        case .json:
            let own = [
                ("time", Self.string(Self.timestamp(time))), ("level", Self.string("\(level)")),
                ("message", Self.string(message)),
            ]
            let members = own + sorted.map { (Self.member($0.key), Self.value($0.value)) }
            return "{" + members.map { "\(Self.string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
        }
    }

    // Text

    private static func quoted(_ text: String) -> String {
        let escaped = escaped(text)
        return escaped.contains(" ") || escaped.isEmpty ? "\"\(escaped)\"" : escaped
    }

    /// Quotation marks and backslashes too, so that an escape can be told from the same characters logged.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            isUnseen(scalar) || scalar == "\"" || scalar == "\\" ? scalar.escaped(asASCII: true) : String(scalar)
        }.joined()
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    // JSON

    /// A name is there once: what an object says of itself is not said by a field.
    private static func member(_ key: String) -> String {
        ["time", "level", "message"].contains(key) ? "\(key)_" : key
    }

    private static func value(_ value: Logger.MetadataValue) -> String {
        if case .stringConvertible(let number) = value, let number = number as? any BinaryInteger { return "\(number)" }
        return string(value.description)
    }

    private static func string(_ text: String) -> String {
        "\"" + text.unicodeScalars.map(inString).joined() + "\""
    }

    private static func inString(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where isUnseen(scalar): String(scalar).utf16.map(codeUnit).joined()
        default: String(scalar)
        }
    }

    /// RFC 8259 §7: four hexadecimal digits for each UTF-16 code unit.
    private static func codeUnit(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// `2026-11-21T08:46:28.123Z`
    private static func timestamp(_ time: timespec) -> String {
        var time = time
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let seconds = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
        return "\(seconds).\(milliseconds)Z"
    }
}
