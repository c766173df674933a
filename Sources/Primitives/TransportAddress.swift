import Glibc

/// An IP address and a port: where a datagram comes from or goes to.
///
/// IPv4 addresses are kept as themselves: `::ffff:a.b.c.d`, as a dual-stack socket reports them, becomes `a.b.c.d`,
/// so that one peer has one spelling.
public struct TransportAddress: Hashable, Sendable, CustomStringConvertible {
    public enum Family: UInt8, Sendable {
        case ipv4
        case ipv6
    }

    public let family: Family
    public var port: UInt16
    /// The interface a link-local IPv6 address belongs to; 0 otherwise.
    public let scope: UInt32
    /// The address's bytes in network order, first byte highest. IPv4 uses the low 32 bits of `low`.
    let high: UInt64
    let low: UInt64

    private init(family: Family, high: UInt64, low: UInt64, scope: UInt32, port: UInt16) {
        self.family = family
        self.high = high
        self.low = low
        self.scope = scope
        self.port = port
    }

    /// An IPv4 address from its 32-bit value, first octet highest: `0x7F000001` is 127.0.0.1.
    public init(ipv4: UInt32, port: UInt16) {
        self.init(family: .ipv4, high: 0, low: UInt64(ipv4), scope: 0, port: port)
    }

    /// An IPv6 address from its two halves, first byte highest. An IPv4-mapped one becomes IPv4.
    public init(ipv6 high: UInt64, _ low: UInt64, scope: UInt32 = 0, port: UInt16) {
        if high == 0, low >> 32 == 0xFFFF {
            self.init(ipv4: UInt32(truncatingIfNeeded: low), port: port)
        } else {
            self.init(family: .ipv6, high: high, low: low, scope: scope, port: port)
        }
    }

    /// Reads a literal address: `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`. Host names are not looked up.
    public init?(literal text: some StringProtocol, port: UInt16) {
        var text = String(text)
        if text.hasPrefix("["), text.hasSuffix("]") {
            text = String(text.dropFirst().dropLast())
        }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(ipv4: UInt32(bigEndian: v4.s_addr), port: port)
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            let (high, low) = withUnsafeBytes(of: v6) { bytes in
                (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(ipv6: UInt64(bigEndian: high), UInt64(bigEndian: low), port: port)
        } else {
            return nil
        }
    }

    /// The IPv4 address as a number, first octet highest; nil for IPv6.
    public var ipv4: UInt32? { family == .ipv4 ? UInt32(truncatingIfNeeded: low) : nil }

    /// The two halves of the IPv6 address, first byte highest; nil for IPv4.
    public var ipv6: (high: UInt64, low: UInt64)? { family == .ipv6 ? (high, low) : nil }

    public var isLoopback: Bool {
        switch family {
        case .ipv4: low >> 24 == 127
        case .ipv6: high == 0 && low == 1
        }
    }

    /// 0.0.0.0 or ::, which stands for every address of the host.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    public var isLinkLocal: Bool {
        switch family {
        case .ipv4: low >> 16 == 0xA9FE
        case .ipv6: high >> 54 == 0xFE80 >> 6
        }
    }

    public func with(port: UInt16) -> TransportAddress {
        var copy = self
        copy.port = port
        return copy
    }

    /// The address without the port: `192.0.2.1` or `2001:db8::1`.
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch family {
        case .ipv4:
            var address = in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        case .ipv6:
            var address = in6_addr()
            withUnsafeMutableBytes(of: &address) { bytes in
                bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `192.0.2.1:7777` or `[2001:db8::1]:7777`.
    public var description: String {
        family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
    }
}
