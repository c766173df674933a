import Gateway

/// A session's status as JSON (RFC 8259): `state`, `reason` (a sentence) and `code` (its short name).
enum StatusDocument {
    static func encode(_ status: SessionStatus) -> [UInt8] {
        let reason = status.reason.map { quoted($0.sentence) } ?? "null"
        let code = status.reason.map { quoted($0.label) } ?? "null"
        return Array(#"{"state":\#(quoted(status.label)),"reason":\#(reason),"code":\#(code)}"#.utf8)
    }

    /// RFC 8259 §7.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
