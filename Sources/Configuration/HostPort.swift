/// `HOST:PORT` as written on a command line or in a URL: a name, an IPv4 address or an IPv6 address in brackets.
public struct HostPort: Equatable, Sendable, CustomStringConvertible {
    /// Without brackets.
    public let host: String
    public let port: UInt16

    /// The longest name of the DNS (RFC 1035 §2.3.4), as it is written.
    static let hostLimit = 253

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
        let place = "\(origin) \(AsWritten(text))"
        let (host, portText) = try Self.split(text, place: place)
        guard Self.isHost(host) else {
            throw ConfigurationError("\(place): the host is missing or malformed; write HOST:PORT.")
        }
        guard let port = try Self.port(portText, place: place) ?? defaultPort else {
            throw ConfigurationError("\(place): the port is missing; write HOST:PORT.")
        }
        self.init(host: String(host), port: port)
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func split(_ text: String, place: String) throws(ConfigurationError) -> (Substring, Substring?) {
        guard text.hasPrefix("[") else { return try splitBare(text, place: place) }
        guard let end = text.firstIndex(of: "]") else {
            throw ConfigurationError("\(place): the bracket is not closed; write [ADDRESS]:PORT.")
        }
        let host = text[text.index(after: text.startIndex)..<end]
        guard host.contains(":") else {
            throw ConfigurationError("\(place): only an IPv6 address goes in brackets, like [2001:db8::1]:7777.")
        }
        let rest = text[text.index(after: end)...]
        guard rest.isEmpty || rest.hasPrefix(":") else {
            throw ConfigurationError("\(place): after ] comes :PORT or nothing; write [ADDRESS]:PORT.")
        }
        return (host, rest.isEmpty ? nil : rest.dropFirst())
    }

    private static func splitBare(_ text: String, place: String) throws(ConfigurationError) -> (Substring, Substring?) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return (parts[0], nil)
        case 2: return (parts[0], parts[1])
        default:
            throw ConfigurationError("\(place): write an IPv6 address in brackets, like [2001:db8::1]:7777.")
        }
    }

    /// The number; nil when there is none, also after a colon, as in a URL (RFC 3986 §3.2.3).
    private static func port(_ text: Substring?, place: String) throws(ConfigurationError) -> UInt16? {
        guard let text, !text.isEmpty else { return nil }
        // UInt16 would take a plus sign too.
        guard text.utf8.allSatisfy(isDigit), let port = UInt16(text) else {
            throw ConfigurationError("\(place): \(AsWritten(text)) is not a port; use a number from 0 to 65535.")
        }
        return port
    }

    /// Whether it could be a host name or an address, without brackets.
    static func isHost(_ text: Substring) -> Bool {
        (1...hostLimit).contains(text.utf8.count) && text.utf8.allSatisfy(isHostCharacter)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
        default: isDigit(byte)
        }
    }
}
