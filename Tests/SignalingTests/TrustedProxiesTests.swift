import NIOHTTP1
import Primitives
import Testing

@testable import Signaling

/// Who asks when proxies are in between, and that nobody else is believed.
@Suite struct TrustedProxiesTests {
    private static let proxy = "10.0.0.5"
    private let proxies = TrustedProxies(["10.0.0.0/8", "2001:db8:1::/48"].compactMap { AddressBlock($0) })

    private func client(behind peer: String, _ headers: HTTPHeaders) throws -> String? {
        try proxies.client(behind: TransportAddress(literal: peer, port: 9), headers)?.host
    }

    @Test(
        arguments: [
            ([], proxy), (["203.0.113.7"], "203.0.113.7"), ([" 203.0.113.7 \t"], "203.0.113.7"),
            (["203.0.113.7:4711"], "203.0.113.7"), (["2001:db8::7"], "2001:db8::7"),
            (["[2001:db8::7]:80"], "2001:db8::7"),
            // What a client says of itself is farther away than what the proxy adds.
            (["198.51.100.1, 203.0.113.7"], "203.0.113.7"), (["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (["garbage, 203.0.113.7"], "203.0.113.7"),
            // Through several proxies of ours.
            (["198.51.100.1, 203.0.113.7, 10.1.1.1"], "203.0.113.7"), (["203.0.113.7, 2001:db8:1::5"], "203.0.113.7"),
            (["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            // A proxy of ours that does not know.
            (["203.0.113.7, unknown"], proxy), (["203.0.113.7, "], proxy),
            (["203.0.113.7, 10.1.1.1, x, 10.3.3.3"], "10.3.3.3"),
            (["[2001:db8::7"], proxy), (["[2001:db8::7]x"], proxy),
        ] as [([String], String)])
    func xForwardedForIsReadFromItsEnd(values: [String], expected: String) throws {
        let headers = HTTPHeaders(values.map { ("X-Forwarded-For", $0) })
        #expect(try client(behind: Self.proxy, headers) == expected)
    }

    @Test(arguments: [
        ("for=203.0.113.7", "203.0.113.7"), ("For=\"203.0.113.7:80\" ; proto=https", "203.0.113.7"),
        ("by=10.0.0.5;FOR=\"[2001:db8::7]:4711\"", "2001:db8::7"),
        ("for=198.51.100.1, for=203.0.113.7;host=\"a,b;for=1.2.3.4\"", "203.0.113.7"),
        (#"for=203.0.113.7;host="a\",for=1.2.3.4""#, "203.0.113.7"), ("for=203.0.113.7, for=10.1.1.1", "203.0.113.7"),
        ("for=203.0.113.7, for=_hidden", proxy), ("for=203.0.113.7, proto=http", proxy), ("for=\"203.0.113.7", proxy),
        ("for=\"", proxy), ("", proxy),
    ])
    func forwardedIsReadFromItsEnd(value: String, expected: String) throws {
        #expect(try client(behind: Self.proxy, ["Forwarded": value]) == expected)
    }

    @Test func nobodyElseIsBelieved() throws {
        for peer in ["203.0.113.9", "11.0.0.5", "2001:db8:2::1", "127.0.0.1"] {
            let headers: HTTPHeaders = ["X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"]
            #expect(try client(behind: peer, headers) == peer)
        }
        let nobody = try TrustedProxies.none.client(
            behind: TransportAddress(literal: Self.proxy, port: 9), ["X-Forwarded-For": "198.51.100.1"])
        #expect(nobody?.host == Self.proxy)
    }

    /// One of them the proxy has passed on unseen.
    @Test func bothHeadersContradictEachOther() {
        #expect(throws: TrustedProxies.Contradiction.self) {
            try client(behind: Self.proxy, ["X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"])
        }
    }

    @Test func aBlockHasTheAddressesThatBeginSo() throws {
        for (block, inside, outside) in [
            ("192.0.2.1", ["192.0.2.1"], ["192.0.2.2", "::1"]), ("0.0.0.0/0", ["1.2.3.4", "255.0.0.1"], ["::1"]),
            ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]),
            ("192.0.2.77/24", ["192.0.2.1"], ["192.0.1.77"]),
            ("2001:db8::/65", ["2001:db8::1"], ["2001:db8::8000:0:0:0", "2001:db8:0:1::"]),
            ("::/0", ["2001:db8::1"], ["1.2.3.4"]), ("2001:db8::/32", ["2001:db8:ffff::1"], ["2001:db9::1"]),
            ("2001:db8::1", ["2001:db8::1"], ["2001:db8::2"]),
        ] {
            let block = try #require(AddressBlock(block))
            for text in inside { #expect(try block.contains(#require(TransportAddress(literal: text, port: 1)))) }
            for text in outside { #expect(try !block.contains(#require(TransportAddress(literal: text, port: 1)))) }
        }
        for text in [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "localhost",
        ] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }
}
