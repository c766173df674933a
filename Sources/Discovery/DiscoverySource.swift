import Primitives

/// Where a route's servers are looked for.
public enum DiscoverySource: Equatable, Sendable {
    /// A file with a server a line.
    case file(String)
    /// All addresses of a name.
    case name(host: String, port: UInt16)
    /// SRV records (RFC 2782).
    case service(String)
    /// A JSON document, over HTTP.
    case http(host: String, port: UInt16, path: String, security: DocumentSecurity = .none)
    /// What a program prints: its path and its arguments.
    case command([String])
}

/// How one route's servers are found, again and again.
public struct RouteDiscovery: Equatable, Sendable {
    public let route: String
    /// As it was written, which tells it from others.
    public let text: String
    public let source: DiscoverySource
    /// The port of a server that was found without one; nil where there is none to assume.
    public var defaultPort: UInt16?
    /// From the end of one look to the next.
    public var interval: Milliseconds = 30_000
    /// For one look.
    public var timeout: Milliseconds = 5_000
    /// The name server to ask; nil for this host's.
    public var resolver: TransportAddress?
    /// What is found may be an address of a private network, of the link or of this host.
    public var mayBePrivate = false

    public init(route: String, text: String, source: DiscoverySource) {
        self.route = route
        self.text = text
        self.source = source
    }
}

/// Why servers could not be found. The description is the end of a sentence for the operator.
public struct DiscoveryError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    static let timedOut = DiscoveryError("it took too long")
}
