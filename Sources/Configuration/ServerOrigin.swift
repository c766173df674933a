import Gateway

/// Where a route's servers come from.
public enum ServerOrigin: Equatable, Sendable {
    /// They are written in the route: one or more.
    case listed([ListedServer])
    case discovered(DiscoveryDefinition)
}

/// A server as it is written: where it is, and what is said of it.
public struct ListedServer: Equatable, Sendable {
    public let place: HostPort
    public let properties: ServerProperties

    /// - Parameter text: `HOST:PORT`, and properties after spaces or semicolons.
    init(parsing text: Substring, place name: String, defaultPort: UInt16?) throws(ConfigurationError) {
        let words = text.split { $0 == " " || $0 == ";" }
        place = try HostPort(parsing: words.first ?? "", origin: name, defaultPort: defaultPort)
        guard place.port != 0 else {
            throw ConfigurationError("\(name): a server's port cannot be 0; write the one it listens on.")
        }
        do throws(ServerPropertyError) {
            properties = try ServerProperties(words.dropFirst())
        } catch {
            throw ConfigurationError("\(name) \(AsWritten(text)): \(error.sentence).")
        }
    }
}

/// How a route's servers are found, again and again.
public struct DiscoveryDefinition: Equatable, Sendable {
    public enum Source: Equatable, Sendable {
        /// A file with a server a line.
        case file(String)
        /// All addresses of a name.
        case name(HostPort)
        /// SRV records.
        case service(String)
        /// A JSON document.
        case http(HostPort, path: String, isSecure: Bool = false)
        /// What a command prints: its path and its arguments.
        case command([String])
    }

    public let source: Source
    /// As it was written, which tells it from others.
    public let text: String
    /// The port where a server is found without one; nil where there is none to assume.
    public let defaultPort: UInt16?
    /// In seconds, from the end of one look to the next.
    public let interval: Int
    /// In seconds, for one look.
    public let timeout: Int
    /// The name server to ask in place of this host's.
    public let resolver: HostPort?
    /// The file of the authorities that a document's server is verified by; nil for the system's.
    public let authorityFile: String?
}

/// The word after `+` of a scheme.
public enum DiscoveryKind: String, CaseIterable, Sendable {
    case file, dns, srv, http, https, command

    /// As it is written after the scheme, like `+file:///PATH`.
    public var form: String {
        switch self {
        case .file: "+file:///PATH"
        case .dns: "+dns://NAME:PORT"
        case .srv: "+srv://_SERVICE._udp.NAME"
        case .http: "+http://HOST[:PORT]/PATH"
        case .https: "+https://HOST[:PORT]/PATH"
        case .command: "+command:///PATH ARGUMENTS"
        }
    }

    /// One sentence for the table of routes.
    public var sentence: String {
        switch self {
        case .file: "A file with a server a line; it is also read when it has changed."
        case .dns: "All IPv4 and IPv6 addresses of a name; the port is 7777 unless given."
        case .srv: "The SRV records of a name: those of the lowest priority, with their ports and weights."
        case .http:
            "A JSON document with servers, such as V-Sekai Uro's `GET /shards`."
        case .https:
            "The same over TLS, from a server whose certificate is for HOST and from one of the system's authorities or those of `discovery-ca`."
        case .command:
            "What a program prints: a server a line, or JSON; there is no shell, and spaces are between its arguments."
        }
    }
}
