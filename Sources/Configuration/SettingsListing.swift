/// Settings as a file that says the same, with where each was written in a comment.
public struct SettingsListing: CustomStringConvertible {
    public private(set) var description = ""

    public init(_ settings: Settings) {
        for setting in Setting.allCases { list(setting, settings.written) }
    }

    private mutating func list(_ setting: Setting, _ written: WrittenSettings) {
        let texts = written.texts(of: setting)
        switch setting.form {
        case .routes: list(written.routes)
        case .secret:
            // As a comment, so that nothing else is taken for the secret.
            guard let text = texts.first else { return add("# \(setting.rawValue) is not set") }
            add("# \(setting.rawValue) is not shown", from: text.origin, setting)
        case .list:
            guard !texts.isEmpty else {
                return add("\(setting.rawValue): []", written.values[setting] == nil ? "default" : "set to nothing")
            }
            add("\(setting.rawValue):")
            for text in texts { add("  - \(Self.scalar(text.text))", from: text.origin, setting) }
        case .text, .number:
            guard let text = texts.first else { return add("# \(setting.rawValue) is not set") }
            add("\(setting.rawValue): \(Self.scalar(text.text))", from: text.origin, setting)
        }
    }

    private mutating func list(_ routes: [WrittenRoute]) {
        guard !routes.isEmpty else { return add("routes: {}", "default") }
        add("routes:")
        for route in routes {
            add("  \(Self.scalar(route.name)):")
            list(servers: route.servers)
            for option in RouteOption.allCases {
                guard let text = route.options[option] else { continue }
                add("    \(option.rawValue): \(Self.scalar(text.text))", from: text.origin, .routes)
            }
        }
    }

    private mutating func list(servers: [Written]) {
        guard servers.count != 1 || servers[0].text.contains(";") || servers[0].text.contains(" ") else {
            return add("    server: \(Self.scalar(servers[0].text))", from: servers[0].origin, .routes)
        }
        add("    servers:")
        for server in servers { add("      - \(Self.scalar(server.text))", from: server.origin, .routes) }
    }

    private mutating func add(_ line: String, from origin: Origin, _ setting: Setting) {
        switch origin {
        case .standard: add(line, "default")
        case .file(let path, let number): add(line, "\(AsWritten(path, limit: AsWritten.pathLimit)):\(number)")
        case .environment: add(line, setting.variable)
        case .flag: add(line, setting.flag)
        }
    }

    private mutating func add(_ line: String, _ comment: String? = nil) {
        description += line + (comment.map { "  # \($0)" } ?? "") + "\n"
    }

    /// As YAML, quoted where it would be read as something else.
    static func scalar(_ text: String) -> String {
        let isPlain =
            text.utf8.first.map(isLetterOrDigit) == true && text.utf8.last.map(isLetterOrDigit) == true
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "._/:,+=-".utf8.contains($0) }
        if isPlain { return text }
        let characters = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case " "..."~": "\(scalar)"
            default: escape(scalar.value)
            }
        }
        return "\"\(characters.joined())\""
    }

    private static func escape(_ code: UInt32) -> String {
        let digits = String(code, radix: 16)
        return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
