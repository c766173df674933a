/// Which resource a request means (RFC 9112 §3.2), taken apart.
///
/// Left out: the authority, because one server has one set of resources; dot segments, because clients resolve them
/// (RFC 3986 §5.2.4) and here they are names that nothing has.
struct RequestTarget: Equatable {
    /// The path's segments, percent-decoded after splitting: `/join/a%2Fb` is `["join", "a/b"]`, `/` is `[""]`.
    let segments: [String]
    /// The query's names and values in order, percent-decoded.
    let query: [Parameter]

    struct Parameter: Equatable {
        let name: String
        let value: String
    }

    /// `*`, with which OPTIONS means the server itself.
    static let asterisk = RequestTarget(segments: ["*"], query: [])

    init(segments: [String], query: [Parameter]) {
        self.segments = segments
        self.query = query
    }

    /// Nil when the text is no request target of a form this server takes, or is wrongly percent-encoded.
    init?(_ text: String) {
        guard text != "*" else {
            self = .asterisk
            return
        }
        guard let pathAndQuery = Self.withoutAuthority(text[...]) else { return nil }
        let parts = pathAndQuery.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let segments = Self.segments(path),
            let query = Self.parameters(parts.count > 1 ? parts[1] : "")
        else { return nil }
        self.init(segments: segments, query: query)
    }

    /// RFC 9112 §3.2.2: a server must take the absolute form, though only proxies are sent it.
    private static func withoutAuthority(_ text: Substring) -> Substring? {
        guard !text.hasPrefix("/") else { return text }
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else {
            return rest.contains(UInt8(ascii: "?")) ? nil : "/"
        }
        return text[slash...]
    }

    private static func segments(_ path: Substring) -> [String]? {
        var segments: [String] = []
        for segment in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = percentDecoded(segment) else { return nil }
            segments.append(decoded)
        }
        return segments
    }

    private static func parameters(_ query: Substring) -> [Parameter]? {
        var parameters: [Parameter] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap(percentDecoded),
                let value = percentDecoded(parts.count > 1 ? parts[1] : "")
            else { return nil }
            parameters.append(Parameter(name: name, value: value))
        }
        return parameters
    }

    /// RFC 3986 §2.1. Nil when a `%` lacks its two digits or the bytes are not UTF-8.
    static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
