import Gateway

/// A session's status as JSON (RFC 8259): `state`, `reason` (a sentence), `code` (its short name) and `data` (what the
/// server gave to ENet's DISCONNECT).
enum StatusDocument {
    static func encode(_ status: SessionStatus) -> [UInt8] {
        let reason = status.reason.map { quoted($0.sentence) } ?? "null"
        let code = status.reason.map { quoted($0.label) } ?? "null"
        let data = status.reason?.serverData.map { String($0) } ?? "null"
        return Array(#"{"state":\#(quoted(status.label)),"reason":\#(reason),"code":\#(code),"data":\#(data)}"#.utf8)
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
