import Glibc
import Primitives
import Testing

@testable import DataPlane

@Suite struct SocketAddressTests {
    private static let linkLocal = TransportAddress(ipv6: 0xFE80 << 48, 1, scope: 3, port: 9)

    @Test(arguments: [
        ("127.0.0.1", AF_INET), ("0.0.0.0", AF_INET), ("255.255.255.255", AF_INET), ("192.0.2.1", AF_INET6),
        ("2001:db8::1", AF_INET6), ("::", AF_INET6), ("::1", AF_INET6),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AF_INET6),
    ])
    func whatIsWrittenIsRead(host: String, family: Int32) throws {
        for port: UInt16 in [0, 1, 0x1234, .max] {
            let address = try #require(TransportAddress(literal: host, port: port))
            try #expect(roundTrip(address, family) == address)
        }
    }

    @Test func theScopeOfALinkLocalAddressIsKept() throws {
        try #expect(roundTrip(Self.linkLocal, AF_INET6) == Self.linkLocal)
    }

    /// As the kernel shows an IPv4 peer of a dual-stack socket.
    @Test func ipv4IsMappedInAnIPv6Socket() throws {
        var storage = sockaddr_storage()
        let address = TransportAddress(ipv4: 0xC000_0201, port: 80)
        let length = try #require(SocketAddress.write(address, family: AF_INET6, to: &storage))
        #expect(Int(length) == MemoryLayout<sockaddr_in6>.size)
        #expect(Int32(storage.ss_family) == AF_INET6)
        let bytes = withUnsafeBytes(of: storage) { Array($0[8..<24]) }
        #expect(bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1])
    }

    @Test func anIPv4SocketCannotReachIPv6() throws {
        var storage = sockaddr_storage()
        #expect(SocketAddress.write(Self.linkLocal, family: AF_INET, to: &storage) == nil)
    }

    @Test func otherFamiliesAreNothing() {
        var storage = sockaddr_storage()
        #expect(SocketAddress.read(storage) == nil)
        storage.ss_family = sa_family_t(AF_UNIX)
        #expect(SocketAddress.read(storage) == nil)
        #expect(SocketAddress.read(nil as UnsafePointer<sockaddr>?) == nil)
    }

    private func roundTrip(_ address: TransportAddress, _ family: Int32) throws -> TransportAddress? {
        var storage = sockaddr_storage()
        _ = try #require(SocketAddress.write(address, family: family, to: &storage))
        return SocketAddress.read(storage)
    }
}
