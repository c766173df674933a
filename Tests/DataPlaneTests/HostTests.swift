import Primitives
import Testing

@testable import DataPlane

@Suite struct HostAddressesTests {
    private static let any = TransportAddress(ipv4: 0, port: 8080)

    @Test(arguments: [
        Loopback.ipv4.with(port: 8080), Loopback.ipv6.with(port: 8080), TransportAddress(ipv4: 0xC000_0201, port: 1),
    ])
    func aSpecificAddressStandsAlone(bound: TransportAddress) {
        #expect(HostAddresses.reachable(through: bound) == [bound])
    }

    @Test func everyAddressOnceWithThePortLoopbackLast() throws {
        for bound in [Self.any, Loopback.anyIPv6.with(port: 8080)] {
            let addresses = HostAddresses.reachable(through: bound)
            #expect(addresses.contains(Loopback.ipv4.with(port: 8080)))
            #expect(Set(addresses).count == addresses.count)
            #expect(addresses.allSatisfy { $0.port == 8080 && !$0.isLinkLocal && !$0.isUnspecified })
            let firstLoopback = try #require(addresses.firstIndex { $0.isLoopback })
            #expect(addresses[firstLoopback...].allSatisfy { $0.isLoopback })
        }
    }

    @Test func anIPv4SocketIsReachedOverIPv4Only() {
        #expect(HostAddresses.reachable(through: Self.any).allSatisfy { $0.family == .ipv4 })
    }
}

@Suite struct HostLookupTests {
    @Test(arguments: ["192.0.2.1", "2001:db8::1", "::1"])
    func literalsAreThemselves(host: String) throws {
        let address = try HostLookup.address(host: host, port: 7777)
        #expect(address == TransportAddress(literal: host, port: 7777))
    }

    @Test func localhostIsLookedUp() throws {
        let address = try HostLookup.address(host: "localhost", port: 7777)
        #expect(address.isLoopback)
        #expect(address.port == 7777)
    }

    /// libenet's servers listen on IPv4 only, and resolvers like to begin with IPv6.
    @Test func ipv4IsPreferred() {
        let v6 = Loopback.ipv6
        let v4 = Loopback.ipv4
        #expect(HostLookup.preferred(among: [v6, v4]) == v4)
        #expect(HostLookup.preferred(among: [v6]) == v6)
        #expect(HostLookup.preferred(among: []) == nil)
    }

    /// Names of `.invalid` never exist (RFC 6761 §6.4); the others are none.
    @Test(arguments: ["no-such-host.invalid", "", "a b", "999.999.999.999", String(repeating: "a", count: 300)])
    func whatCannotBeResolvedIsNamed(host: String) {
        let error = #expect(throws: NetworkError.self) { try HostLookup.address(host: host, port: 1) }
        guard case .hostUnknown(let named, _) = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(named == host)
    }

    @Test func aScopeIsKept() throws {
        // Interface 1 is loopback on every Linux.
        let address = try HostLookup.address(host: "fe80::1%lo", port: 1)
        #expect(address.scope == 1)
    }
}
