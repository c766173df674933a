/// From where an address can be reached, as far as the address itself tells.
public enum AddressReach: Sendable {
    case everywhere
    /// A network of somebody's own: RFC 1918, shared address space (RFC 6598), unique local addresses (RFC 4193).
    case privateNetwork
    case link
    case host
    /// No single host's: unspecified, multicast, reserved.
    case nobody
}

extension TransportAddress {
    /// The IANA special-purpose address registries (RFC 6890), as far as they matter to a sender of datagrams.
    public var reach: AddressReach {
        if let ipv4 { return Self.reach(ofIPv4: ipv4) }
        guard let ipv6 else { return .nobody }
        if isUnspecified || ipv6.high >> 56 == 0xFF { return .nobody }
        if isLoopback { return .host }
        if isLinkLocal { return .link }
        if ipv6.high >> 57 == 0xFC >> 1 { return .privateNetwork }
        // RFC 6052 §2.1: a translator's prefix, with the IPv4 address that is meant.
        if ipv6.high == 0x0064_FF9B_0000_0000, ipv6.low >> 32 == 0 {
            return Self.reach(ofIPv4: UInt32(truncatingIfNeeded: ipv6.low))
        }
        return .everywhere
    }

    private static func reach(ofIPv4 address: UInt32) -> AddressReach {
        switch address >> 24 {
        case 0, 224...255: .nobody
        case 10: .privateNetwork
        case 100 where address >> 22 == 0x6440_0000 >> 22: .privateNetwork
        case 127: .host
        case 169 where address >> 16 == 0xA9FE: .link
        case 172 where address >> 20 == 0xAC1: .privateNetwork
        case 192 where address >> 16 == 0xC0A8: .privateNetwork
        default: .everywhere
        }
    }
}
