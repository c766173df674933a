import Testing

@testable import Configuration

@Suite struct HostPortTests {
    @Test(
        arguments: [
            ("127.0.0.1:80", "127.0.0.1", 80), ("localhost:0", "localhost", 0),
            ("a-b_c.example:65535", "a-b_c.example", 65535),
            ("[2001:db8::1]:7777", "2001:db8::1", 7777), ("[::]:1", "::", 1), ("[fe80::1%eth0]:9", "fe80::1%eth0", 9),
            ("host:007", "host", 7),
        ] as [(String, String, UInt16)])
    func aHostAndAPort(text: String, host: String, port: UInt16) throws {
        let parsed = try HostPort(parsing: text, origin: "--http")
        #expect(parsed == HostPort(host: host, port: port))
        let again = try HostPort(parsing: parsed.description, origin: "--http")
        #expect(again == parsed)
    }

    @Test(arguments: ["example", "example:", "[::1]", "[::1]:"])
    func theDefaultPortIsTakenWhereThereIsOne(text: String) throws {
        let parsed = try HostPort(parsing: text, origin: "--route", defaultPort: 7777)
        #expect(parsed.port == 7777)
        let error = #expect(throws: ConfigurationError.self) { try HostPort(parsing: text, origin: "--http") }
        expectSentence(error?.description ?? "", begins: "--http \(text): the port is missing", cure: "write HOST:PORT")
    }

    @Test(arguments: [
        ("", "write HOST:PORT"), (":80", "write HOST:PORT"), ("a b:80", "write HOST:PORT"),
        ("tórii:80", "write HOST:PORT"),
        ("http://a:80", "in brackets"), ("a/b:80", "write HOST:PORT"), ("a\n:80", "write HOST:PORT"),
        ("[]:80", "only an IPv6 address goes in brackets"), ("[127.0.0.1]:80", "only an IPv6 address goes in brackets"),
        ("[::1:80", "write [ADDRESS]:PORT"), ("[::1]80", "write [ADDRESS]:PORT"), ("[::1] :80", "write [ADDRESS]:PORT"),
        ("::1", "in brackets"), ("2001:db8::1:80", "in brackets"), ("a:1:2", "in brackets"), (":::", "in brackets"),
        ("a:65536", "a number from 0 to 65535"), ("a:-1", "a number from 0 to 65535"),
        ("a:+80", "a number from 0 to 65535"),
        ("a: 80", "a number from 0 to 65535"), ("a:８０", "a number from 0 to 65535"),
        ("a:0x50", "a number from 0 to 65535"),
        ("a:http", "a number from 0 to 65535"), ("[::1]:x\ny", "a number from 0 to 65535"),
    ])
    func whatCannotBeUsedIsNamedWithTheCure(text: String, cure: String) {
        let error = #expect(throws: ConfigurationError.self) { try HostPort(parsing: text, origin: "--http") }
        expectSentence(error?.description ?? "", begins: "--http \(AsWritten(text)): ", cure: cure)
    }

    @Test(arguments: ["x", ":", "[", "[:", "9", "x:9", "é", "\n"])
    func hugeInputsAreRefusedInAShortSentence(unit: String) {
        let huge = String(repeating: unit, count: 200_000)
        let error = #expect(throws: ConfigurationError.self) {
            try HostPort(parsing: huge, origin: "--udp", defaultPort: 1)
        }
        expectSentence(error?.description ?? "", begins: "--udp ", cure: "write ")
        #expect(throws: ConfigurationError.self) { try HostPort(parsing: "a:\(huge)", origin: "--udp") }
        #expect(throws: ConfigurationError.self) { try HostPort(parsing: "[\(huge)]:1", origin: "--udp") }
    }

    @Test func aHostIsAsLongAsTheDNSAllows() throws {
        let longest = String(repeating: "a", count: 253)
        let parsed = try HostPort(parsing: "\(longest):1", origin: "--http")
        #expect(parsed.host == longest)
        #expect(throws: ConfigurationError.self) { try HostPort(parsing: "\(longest)a:1", origin: "--http") }
    }
}
