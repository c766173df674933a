/// `HOST:PORT` as written on a command line or in a URL: a name, an IPv4 address or an IPv6 address in brackets.
public struct HostPort: Equatable, Sendable, CustomStringConvertible {
    /// Without brackets.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// - Parameters:
    ///   - text: what was written.
    ///   - origin: where, as the error shall name it: `--http`.
    ///   - defaultPort: the port when none is written; nil when there must be one.
    public init(
        parsing text: some StringProtocol, origin: String, defaultPort: UInt16? = nil
    ) throws(ConfigurationError) {
        let text = String(text)
        let (host, portText) = try Self.split(text, origin: origin)
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isHostCharacter) else {
            throw ConfigurationError("\(origin) \(text): the host is missing or malformed; write HOST:PORT.")
        }
        guard let portText else {
            guard let defaultPort else {
                throw ConfigurationError("\(origin) \(text): the port is missing; write HOST:PORT.")
            }
            self.init(host: host, port: defaultPort)
            return
        }
        guard let port = UInt16(portText), portText.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw ConfigurationError("\(origin) \(text): \(portText) is not a port; use a number from 0 to 65535.")
        }
        self.init(host: host, port: port)
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func split(_ text: String, origin: String) throws(ConfigurationError) -> (String, String?) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw ConfigurationError("\(origin) \(text): the bracket is not closed; write [ADDRESS]:PORT.")
            }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw ConfigurationError("\(origin) \(text): after ] comes :PORT or nothing.")
            }
            return (host, rest.isEmpty ? nil : String(rest.dropFirst()))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (text, nil)
        case 2: return (String(parts[0]), String(parts[1]))
        default:
            throw ConfigurationError("\(origin) \(text): write an IPv6 address in brackets, like [2001:db8::1]:7777.")
        }
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
        default: false
        }
    }
}
