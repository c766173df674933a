/// The URL of a service that the gateway asks: `https://HOST[:PORT]/PATH`.
public struct ServiceURL: Equatable, Sendable {
    public let isSecure: Bool
    public let place: HostPort
    /// Path and query.
    public let target: String

    // Our choice.
    /// Bytes of a URL.
    static let longest = 2048

    /// - Parameter origin: where it was written, as the error shall name it.
    init(parsing text: String, origin: String) throws(ConfigurationError) {
        let written = "\(origin) \(AsWritten(text))"
        let malformed = ConfigurationError("\(written): write a URL, like https://id.example.org/keys.json.")
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else { throw malformed }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !rest.contains("#"), !authority.contains("@") else {
            throw ConfigurationError("\(written): leave out what is before @ and after #; neither can be sent.")
        }
        isSecure = scheme == "https://"
        place = try HostPort(parsing: authority, origin: origin, defaultPort: isSecure ? 443 : 80)
        guard place.port > 0 else { throw malformed }
        let path = rest.dropFirst(authority.count)
        target = path.hasPrefix("/") ? String(path) : "/\(path)"
    }
}
