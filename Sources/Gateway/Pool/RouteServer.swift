import Primitives

/// One of a route's game servers, already looked up.
public struct RouteServer: Hashable, Sendable {
    public var address: TransportAddress
    /// Bytes of the largest IP packet that goes there whole, as configured or as the kernel knows; nil when unknown.
    public var linkMTU: Int?
    /// What pages ask for and metrics show; nil where nobody gave it one.
    public var name: String?
    /// How much it takes beside the others, where they differ: `weights`.
    public var weight = 1
    /// Sessions of this gateway at once; nil for what the route says of all its servers.
    public var capacity: Int?

    public static let weights = 1...1000
    public static let capacities = 1...60_000

    // Our choice.
    public static let longestName = 64

    public init(_ address: TransportAddress, linkMTU: Int? = nil, name: String? = nil) {
        self.address = address
        self.linkMTU = linkMTU
        self.name = name
    }

    /// Its name, or its address where it has none.
    public var label: String { name ?? address.description }

    /// Whether a text can be a server's name: letters, digits, dots, dashes and underscores, whoever wrote it.
    public static func isName(_ text: some StringProtocol) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
