/// A gateway's name among others behind one load balancer. It stands in the URLs of its sessions, so that what pages ask
/// of a session goes to the gateway that has it.
public struct NodeName: Hashable, Sendable, CustomStringConvertible {
    // Our choice: as long as it must be for a host's name, and short in a URL.
    public static let longest = 63

    public let description: String

    /// Nil unless the text is 1 to `longest` letters of ASCII, digits and hyphens: it needs no escaping in a URL, and ends
    /// before a dot.
    public init?(_ text: some StringProtocol) {
        guard (1...Self.longest).contains(text.utf8.count), text.utf8.allSatisfy(Self.mayHave) else { return nil }
        description = String(text)
    }

    private static func mayHave(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
