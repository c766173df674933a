import Primitives
import Testing

@Suite struct AddressReachTests {
    @Test(
        arguments: [
            ("203.0.113.7", .everywhere), ("9.255.255.255", .everywhere), ("11.0.0.0", .everywhere),
            ("100.63.255.255", .everywhere), ("100.128.0.0", .everywhere), ("172.15.255.255", .everywhere),
            ("172.32.0.0", .everywhere), ("192.167.255.255", .everywhere), ("192.169.0.0", .everywhere),
            ("169.253.255.255", .everywhere), ("223.255.255.255", .everywhere), ("2001:db8::1", .everywhere),
            ("10.0.0.0", .privateNetwork), ("10.255.255.255", .privateNetwork), ("172.16.0.0", .privateNetwork),
            ("172.31.255.255", .privateNetwork), ("192.168.0.0", .privateNetwork), ("192.168.255.255", .privateNetwork),
            ("100.64.0.0", .privateNetwork), ("100.127.255.255", .privateNetwork), ("fc00::1", .privateNetwork),
            ("fdff:ffff::1", .privateNetwork),
            ("169.254.0.1", .link), ("fe80::1", .link), ("febf::1", .link),
            ("127.0.0.1", .host), ("127.255.255.254", .host), ("::1", .host),
            ("0.0.0.0", .nobody), ("0.1.2.3", .nobody), ("224.0.0.1", .nobody), ("255.255.255.255", .nobody),
            ("::", .nobody), ("ff02::1", .nobody),
            // The same through a mapped or a translated address.
            ("::ffff:127.0.0.1", .host), ("::ffff:10.1.2.3", .privateNetwork), ("64:ff9b::a9fe:a9fe", .link),
            ("64:ff9b::7f00:1", .host), ("64:ff9b::cb00:7107", .everywhere),
        ] as [(String, AddressReach)])
    func anAddressTellsFromWhereItCanBeReached(text: String, reach: AddressReach) throws {
        #expect(try #require(TransportAddress(literal: text, port: 1)).reach == reach)
    }
}
