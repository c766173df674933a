/// Addresses that begin with the same bits, such as 10.0.0.0/8, or one alone.
public struct AddressBlock: Equatable, Sendable {
    private let family: TransportAddress.Family
    /// The address's bits, of IPv4 the upper 32; those after the prefix are 0.
    private let high: UInt64
    private let low: UInt64
    private let prefix: Int

    /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1` or `2001:db8::/32`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, let address = TransportAddress(literal: host, port: 0) else { return nil }
        let width = address.family == .ipv4 ? 32 : 128
        var prefix = width
        if parts.count == 2 {
            // Int would take a sign too.
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let written = Int(parts[1]),
                written <= width
            else { return nil }
            prefix = written
        }
        self.init(address, prefix: prefix)
    }

    private init(_ address: TransportAddress, prefix: Int) {
        let (high, low) = Self.bits(of: address)
        family = address.family
        self.prefix = prefix
        self.high = high & Self.mask(prefix)
        self.low = low & Self.mask(prefix - 64)
    }

    /// IPv4 addresses are in no block of IPv6.
    public func contains(_ address: TransportAddress) -> Bool {
        address.family == family && AddressBlock(address, prefix: prefix) == self
    }

    private static func bits(of address: TransportAddress) -> (high: UInt64, low: UInt64) {
        address.ipv6 ?? (UInt64(address.ipv4 ?? 0) << 32, 0)
    }

    /// The first so many of 64 bits.
    private static func mask(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : .max << UInt64(max(64 - count, 0))
    }
}
