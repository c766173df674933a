import Primitives

/// A host candidate: an address at which an agent can be reached (RFC 8839 §5.1).
///
/// Left out: reflexive and relayed candidates, and host names in place of addresses. An ICE-lite agent has none of
/// the first and need not know the browser's.
public struct IceCandidate: Hashable, Sendable, CustomStringConvertible {
    public enum Transport: Hashable, Sendable {
        case udp
        /// The agent listens and the other side connects (RFC 6544 §4.5).
        case tcpPassive
    }

    // From RFC 8445 §5.1.2.2: the type preference recommended for host candidates.
    private static let hostTypePreference: UInt32 = 126
    // From RFC 6544 §4.2: the direction preference of a passive host candidate, above 13 bits of other preference.
    private static let passiveDirectionPreference: UInt32 = 4
    private static let otherPreferenceBits: UInt32 = 13

    // Our choice, and Chromium's: lower than what any UDP candidate has but a relayed one.
    private static let tcpHostTypePreference: UInt32 = 90

    /// The same for candidates of one kind, address and transport: 1 to 32 letters, digits, `+` and `/`.
    public let foundation: String
    /// Always 1 with data channels: there is no second component.
    public let component: UInt16
    public let transport: Transport
    public let priority: UInt32
    public let address: TransportAddress

    public init(foundation: String, transport: Transport, priority: UInt32, address: TransportAddress) {
        precondition(Self.isFoundation(foundation), "a foundation is 1 to 32 letters, digits, + and /")
        self.foundation = foundation
        component = 1
        self.transport = transport
        self.priority = priority
        self.address = address
    }

    /// The priority of a host candidate (RFC 8445 §5.1.2.1). `localPreference` orders an agent's own candidates:
    /// 65535 for the one that should be used.
    public static func hostPriority(localPreference: UInt16, component: UInt8 = 1) -> UInt32 {
        hostTypePreference << 24 | UInt32(localPreference) << 8 | (256 - UInt32(component))
    }

    /// The priority of a passive TCP host candidate (RFC 6544 §4.2), below that of every UDP host candidate, so that TCP
    /// is used where UDP does not work. `otherPreference` orders an agent's own: 8191 for the one that should be used.
    public static func tcpPassiveHostPriority(otherPreference: UInt16, component: UInt8 = 1) -> UInt32 {
        precondition(otherPreference >> otherPreferenceBits == 0, "the other preference has 13 bits")
        let localPreference = passiveDirectionPreference << otherPreferenceBits | UInt32(otherPreference)
        return tcpHostTypePreference << 24 | localPreference << 8 | (256 - UInt32(component))
    }

    /// Reads an a=candidate line; nil when it is none of the candidates this type holds.
    init?(_ attribute: SDPAttribute) {
        let fields = attribute.value.spaceSeparated
        guard fields.count >= 8, Self.isFoundation(fields[0]), fields[1] == "1",
            let priority = UInt32(decimal: fields[3]), let port = UInt16(decimal: fields[5]),
            let address = TransportAddress(literal: fields[4], port: port),
            fields[6] == "typ", fields[7] == "host"
        else { return nil }
        switch (fields[2].lowercased(), fields.dropFirst(8).prefix(2)) {
        case ("udp", _): transport = .udp
        case ("tcp", ["tcptype", "passive"]): transport = .tcpPassive
        default: return nil
        }
        foundation = String(fields[0])
        component = 1
        self.priority = priority
        self.address = address
    }

    /// The attribute without `a=`: `candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host`.
    public var description: String {
        let ending =
            switch transport {
            case .udp: ""
            case .tcpPassive: " tcptype passive"
            }
        let name = transport == .udp ? "udp" : "tcp"
        return
            "candidate:\(foundation) \(component) \(name) \(priority) \(address.host) \(address.port) typ host\(ending)"
    }

    private static func isFoundation(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count) && text.isICECharacters
    }
}
