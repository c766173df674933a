import Primitives
import Testing

@testable import Configuration

@Suite struct AdvertisedTests {
    @Test(arguments: [
        ("game.example", "game.example:0"), ("game.example:8080", "game.example:8080"), ("localhost:", "localhost:0"),
        ("4.example", "4.example:0"), ("a_b.example.", "a_b.example.:0"), ("203.0.113.7", "203.0.113.7:0"),
        ("203.0.113.7:8080", "203.0.113.7:8080"), ("2001:db8::7", "[2001:db8::7]:0"),
        ("[2001:db8::7]", "[2001:db8::7]:0"), ("[2001:db8::7]:8080", "[2001:db8::7]:8080"),
        ("::ffff:203.0.113.7", "203.0.113.7:0"), ("127.0.0.1:", "127.0.0.1:0"),
    ])
    func anAddressOrANameWithAndWithoutAPort(text: String, host: String) throws {
        let parsed = try Advertised.host(parsing: text)
        #expect(parsed.description == host)
    }

    @Test(arguments: [
        ("1.2.3", "browsers need an IP address"), ("999.999.999.999", "browsers need an IP address"),
        ("a.0x7f", "browsers need an IP address"), (".", "browsers need an IP address"),
        ("8080", "browsers need an IP address"), ("203.0.113.7.:80", "browsers need an IP address"),
        ("[fe80::1%eth0]:1", "browsers need an IP address"),
        ("0.0.0.0", "name one that browsers can reach"), ("[::]:80", "name one that browsers can reach"),
        ("::", "name one that browsers can reach"), ("", "write HOST:PORT"),
        ("203.0.113.7:99999", "a number from 0 to 65535"),
        ("2001:db8::7::1", "in brackets"), ("203.0.113.7\n", "write HOST:PORT"),
    ])
    func whatCannotBeUsedIsNamedWithTheCure(text: String, cure: String) {
        let error = #expect(throws: ConfigurationError.self) { try Advertised.host(parsing: text) }
        expectSentence(error?.description ?? "", begins: "--advertise \(AsWritten(text))", cure: cure)
    }

    @Test func severalKeepTheirOrderAndOneThatComesTwiceIsRefused() throws {
        let hosts = try Advertised.hosts(
            parsing: flags(["203.0.113.7", "game.example", "203.0.113.7:1", "2001:db8::7"]), of: .advertise)
        #expect(hosts.map(\.description) == ["203.0.113.7:0", "game.example:0", "203.0.113.7:1", "[2001:db8::7]:0"])
        let error = #expect(throws: ConfigurationError.self) {
            try Advertised.hosts(parsing: flags(["203.0.113.7", "::ffff:203.0.113.7"]), of: .advertise)
        }
        expectSentence(
            error?.description ?? "", begins: "--advertise ::ffff:203.0.113.7 is given twice",
            cure: "give each address once")
    }

    @Test func hugeInputsAreRefusedInAShortSentence() {
        let error = #expect(throws: ConfigurationError.self) {
            try Advertised.host(parsing: String(repeating: "1.", count: 200_000))
        }
        expectSentence(error?.description ?? "", begins: "--advertise 1.1.", cure: "write HOST:PORT")
    }
}
