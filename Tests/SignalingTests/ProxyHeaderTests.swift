import Primitives
import Testing

@testable import Signaling

@Suite(.timeLimit(.minutes(1))) struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    private static func binary(_ command: UInt8, _ kind: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, kind, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    private static let addresses: [UInt8] = [203, 0, 113, 9, 192, 0, 2, 1, 0xDD, 0xD5, 0, 80]
    private static let source = TransportAddress(literal: "203.0.113.9", port: 56_789)
    private static let source6 = TransportAddress(literal: "2001:db8::9", port: 1)

    private static let good: [([UInt8], TransportAddress?)] = [
        (Array("PROXY TCP4 203.0.113.9 192.0.2.1 56789 80\r\n".utf8), source),
        (Array("PROXY TCP6 2001:db8::9 2001:db8::1 1 65535\r\n".utf8), source6),
        // As nginx puts it.
        (Array("PROXY TCP6 2001:db8::9 192.0.2.1 1 65535\r\n".utf8), source6),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff:f...f:ffff any thing\r\n".utf8), nil),
        (binary(0x21, 0x11, addresses), source),
        // With something added (a TLV) that nobody needs.
        (binary(0x21, 0x11, addresses + [0x04, 0, 1, 0]), source),
        (
            binary(
                0x21, 0x21,
                [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9] + [UInt8](repeating: 1, count: 16) + [
                    0, 1, 0, 80,
                ]),
            source6
        ),
        (binary(0x20, 0x00, []), nil), (binary(0x20, 0x11, addresses), nil), (binary(0x21, 0x00, []), nil),
        (binary(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
    ]

    @Test func aHeaderIsRead() {
        for (bytes, source) in Self.good {
            #expect(ProxyHeader.read(bytes) == .complete(source: source, length: bytes.count))
            #expect(ProxyHeader.read(bytes + Array("GET /".utf8)) == .complete(source: source, length: bytes.count))
            for count in 0..<bytes.count {
                #expect(ProxyHeader.read(bytes.prefix(count)) == .incomplete, "\(count) of \(bytes)")
            }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "PROXY TCP4\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 56789\r\n", "PROXYTCP4",
        "PROXY TCP4 203.0.113.9 192.0.2.1 56789 80\n", "PROXY TCP4 203.0.113.9 192.0.2.1 65536 80\r\n",
        "PROXY TCP4 2001:db8::9 2001:db8::1 1 2\r\n", "PROXY TCP6 203.0.113.9 192.0.2.1 1 2\r\n",
        "PROXY TCP4 203.0.113 192.0.2.1 1 2\r\n", "PROXY TCP4  203.0.113.9 192.0.2.1 1 2\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 +1 2\r\n", "PROXY UDP4 203.0.113.9 192.0.2.1 1 2\r\n", "proxy UNKNOWN\r\n",
        "PROXY UNKNOWN " + String(repeating: "x", count: 100) + "\r\n",
    ])
    func anotherLineIsNone(text: String) {
        #expect(ProxyHeader.read(text.utf8) == .malformed)
    }

    @Test func otherBytesAreNone() {
        for bytes in [
            Self.binary(0x11, 0x11, Self.addresses), Self.binary(0x22, 0x11, Self.addresses),
            Self.binary(0x21, 0x11, Array(Self.addresses.dropLast())),
            Self.binary(0x21, 0x21, [UInt8](repeating: 0, count: 35)),
            Self.binary(0x21, 0x11, [UInt8](repeating: 0, count: ProxyHeader.longestBinary)),
        ] {
            #expect(ProxyHeader.read(bytes) == .malformed)
        }
    }

    /// Who asks is whom the proxy names; one that is not trusted, or says nothing, is not heard.
    @Test func joinsAreCountedForWhomTheProxyNames() async throws {
        let control = try await TestControl(joinLimitPerSource: 1)
        for (trusted, statuses) in [("127.0.0.1", [201, 429, 201]), ("192.0.2.1", [400, 400, 400])] {
            let proxies = TrustedProxies([try #require(AddressBlock(trusted))], announceClients: true)
            let server = try await SignalingServer.start(
                host: "127.0.0.1", port: 0, control: control, proxies: proxies)
            do {
                for (host, status) in zip(["203.0.113.1", "203.0.113.1", "203.0.113.2"], statuses) {
                    let line = "PROXY TCP4 \(host) 192.0.2.1 5 80\r\n"
                    let reply = try await server.answer(line + post("/join/game", offer()))
                    #expect(reply.status == status)
                }
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }
    }

    @Test func aTrustedProxyMustSayWhoItIs() async throws {
        let proxies = TrustedProxies([try #require(AddressBlock("127.0.0.1"))], announceClients: true)
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: try await TestControl(), proxies: proxies)
        do {
            try await TestClient.connect(to: server) { client in
                try await client.send(request("GET /health/live"))
                try await client.expectEnd()
            }
            // In pieces, and with a request in the last of them.
            try await TestClient.connect(to: server) { client in
                try await client.send("PROXY TCP4 203.0.113.1 ")
                try await client.send("192.0.2.1 5 80\r")
                try await client.send("\n" + request("GET /health/live"))
                #expect(try await client.reply().status == 200)
                // Once is enough for a connection.
                try await client.send(request("GET /health/live"))
                #expect(try await client.reply().status == 200)
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}
