import Capture
import Primitives
import Testing

@Suite struct InternetPacketTests {
    private static let browser = TransportAddress(ipv4: 0xCB00_7107, port: 40_000)
    private static let gateway = TransportAddress(ipv4: 0xC000_0201, port: 3478)
    private static let browser6 = TransportAddress(ipv6: 0x2001_0DB8_0000_0000, 7, port: 40_000)
    private static let gateway6 = TransportAddress(ipv6: 0x2001_0DB8_0000_0000, 1, port: 3478)

    /// RFC 1071: over what has its checksum in it the sum is all ones.
    private func sum(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for (index, byte) in bytes.enumerated() { sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return sum
    }

    @Test func sctpLiesDirectlyBehindIPv4() throws {
        let packet = try #require(
            InternetPacket.make(
                .sctp, [1, 2, 3], .received, between: Endpoints(remote: Self.browser, local: Self.gateway)))
        #expect(packet.prefix(10) == [0x45, 0, 0, 23, 0, 0, 0x40, 0, 64, 132])
        #expect(sum(Array(packet.prefix(20))) == 0xFFFF)
        #expect(packet[12...] == [203, 0, 113, 7, 192, 0, 2, 1, 1, 2, 3])
    }

    @Test func sctpLiesDirectlyBehindIPv6() throws {
        let packet = try #require(
            InternetPacket.make(
                .sctp, [1, 2, 3], .sent, between: Endpoints(remote: Self.browser6, local: Self.gateway6)))
        #expect(packet.prefix(8) == [0x60, 0, 0, 0, 0, 3, 132, 64])
        #expect(packet[8..<24] == [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(packet[24..<40] == [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7])
        #expect(packet[40...] == [1, 2, 3])
    }

    @Test(arguments: [[], [9], [1, 2, 3, 4], [UInt8](repeating: 0xFF, count: 1000)] as [[UInt8]])
    func udpHasItsChecksum(payload: [UInt8]) throws {
        let ipv4 = try #require(
            InternetPacket.make(
                .udp, payload, .sent, between: Endpoints(remote: Self.browser, local: Self.gateway)))
        #expect(ipv4[9] == 17 && ipv4[20..<24] == [0x0D, 0x96, 0x9C, 0x40])
        #expect(ipv4[24..<26].reduce(0) { $0 << 8 | Int($1) } == 8 + payload.count)
        #expect(sum(Array(ipv4[12...]) + [0, 17, ipv4[24], ipv4[25]].padded(after: ipv4.count)) == 0xFFFF)
        let ipv6 = try #require(
            InternetPacket.make(
                .udp, payload, .received, between: Endpoints(remote: Self.browser6, local: Self.gateway6)))
        #expect(ipv6[6] == 17 && ipv6[40..<44] == [0x9C, 0x40, 0x0D, 0x96])
        #expect(sum(Array(ipv6[8...]) + [0, 17, ipv6[44], ipv6[45]].padded(after: ipv6.count)) == 0xFFFF)
    }

    /// RFC 768: a sum of zero is written as all ones, because zero says that there is none.
    @Test func noChecksumIsZero() throws {
        let endpoints = Endpoints(remote: Self.browser, local: Self.gateway)
        let zero = try #require(InternetPacket.make(.udp, [0, 0], .sent, between: endpoints))
        let packet = try #require(InternetPacket.make(.udp, [zero[26], zero[27]], .sent, between: endpoints))
        #expect(packet[26...] == [0xFF, 0xFF, zero[26], zero[27]])
    }

    @Test func whatIsTooLongIsNone() {
        let endpoints = Endpoints(remote: Self.browser, local: Self.gateway)
        let longest = [UInt8](repeating: 0, count: 65_535 - 28)
        #expect(InternetPacket.make(.udp, longest, .sent, between: endpoints)?.count == 65_535)
        #expect(InternetPacket.make(.udp, longest + [0], .sent, between: endpoints) == nil)
    }

    @Test func endsThatAreNotKnownAreUnspecified() {
        let unknown = Endpoints(remote: nil, local: nil)
        #expect(unknown.remote.isUnspecified && unknown.local.isUnspecified && unknown.remote.family == .ipv4)
        let mixed = Endpoints(remote: Self.browser6, local: Self.gateway)
        #expect(mixed.local == TransportAddress(ipv6: 0, 0, port: 3478))
    }
}

extension [UInt8] {
    /// With a zero before them where they would not begin at an even place.
    fileprivate func padded(after count: Int) -> [UInt8] { count % 2 == 0 ? self : [0] + self }
}
