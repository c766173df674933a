import Primitives
import Testing

@Suite struct TransportAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1:7777"), ("0.0.0.0", "0.0.0.0:7777"), ("2001:db8::1", "[2001:db8::1]:7777"),
        ("[2001:DB8:0:0::1]", "[2001:db8::1]:7777"), ("::", "[::]:7777"), ("::ffff:192.0.2.1", "192.0.2.1:7777"),
    ])
    func parsedAndPrinted(literal: String, printed: String) throws {
        #expect(try #require(TransportAddress(literal: literal, port: 7777)).description == printed)
    }

    @Test(arguments: [
        "", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1:80", "2001:db8::1::", "[192.0.2.1", "b.local",
    ])
    func refused(literal: String) {
        #expect(TransportAddress(literal: literal, port: 1) == nil)
    }

    @Test func mappedIsTheSameAsIPv4() {
        let plain = TransportAddress(ipv4: 0xC000_0201, port: 5)
        let mapped = TransportAddress(ipv6: 0, 0xFFFF_C000_0201, port: 5)
        #expect(mapped == plain)
        #expect(mapped.hashValue == plain.hashValue)
        #expect(mapped.family == .ipv4 && mapped.ipv6 == nil && mapped.ipv4 == 0xC000_0201)
    }

    @Test func halvesOfIPv6() throws {
        let address = try #require(TransportAddress(literal: "2001:db8::7", port: 1))
        #expect(address.ipv6?.high == 0x2001_0DB8_0000_0000)
        #expect(address.ipv6?.low == 7)
        #expect(address.ipv4 == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true, false, false), ("127.9.9.9", true, false, false), ("::1", true, false, false),
        ("0.0.0.0", false, true, false), ("::", false, true, false), ("169.254.1.2", false, false, true),
        ("fe80::1", false, false, true), ("febf::1", false, false, true), ("fec0::1", false, false, false),
        ("192.0.2.1", false, false, false), ("2001:db8::1", false, false, false),
    ])
    func kinds(literal: String, loopback: Bool, unspecified: Bool, linkLocal: Bool) throws {
        let address = try #require(TransportAddress(literal: literal, port: 1))
        #expect(address.isLoopback == loopback)
        #expect(address.isUnspecified == unspecified)
        #expect(address.isLinkLocal == linkLocal)
    }

    @Test func withOtherPort() {
        let address = TransportAddress(ipv4: 1, port: 1)
        #expect(address.with(port: 2) == TransportAddress(ipv4: 1, port: 2))
        #expect(address.with(port: 2) != address)
    }
}
