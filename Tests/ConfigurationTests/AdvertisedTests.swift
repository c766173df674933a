import Primitives
import Testing

@testable import Configuration

@Suite struct AdvertisedTests {
    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7:0"), ("203.0.113.7:8080", "203.0.113.7:8080"), ("2001:db8::7", "[2001:db8::7]:0"),
        ("[2001:db8::7]", "[2001:db8::7]:0"), ("[2001:db8::7]:8080", "[2001:db8::7]:8080"),
        ("::ffff:203.0.113.7", "203.0.113.7:0"), ("127.0.0.1:", "127.0.0.1:0"),
    ])
    func anAddressWithAndWithoutAPort(text: String, address: String) throws {
        let parsed = try Advertised.address(parsing: text)
        #expect(parsed.description == address)
    }

    @Test(arguments: [
        ("game.example", "browsers need an IP address"), ("game.example:80", "browsers need an IP address"),
        ("1.2.3", "browsers need an IP address"), ("[fe80::1%eth0]:1", "browsers need an IP address"),
        ("0.0.0.0", "name one that browsers can reach"), ("[::]:80", "name one that browsers can reach"),
        ("::", "name one that browsers can reach"), ("", "write HOST:PORT"),
        ("203.0.113.7:99999", "a number from 0 to 65535"),
        ("2001:db8::7::1", "in brackets"), ("203.0.113.7\n", "write HOST:PORT"),
    ])
    func whatCannotBeUsedIsNamedWithTheCure(text: String, cure: String) {
        let error = #expect(throws: ConfigurationError.self) { try Advertised.address(parsing: text) }
        expectSentence(error?.description ?? "", begins: "--advertise \(AsWritten(text))", cure: cure)
    }

    @Test func severalKeepTheirOrderAndOneThatComesTwiceIsRefused() throws {
        let addresses = try Advertised.addresses(parsing: ["203.0.113.7", "203.0.113.7:1", "2001:db8::7"])
        #expect(addresses.map(\.description) == ["203.0.113.7:0", "203.0.113.7:1", "[2001:db8::7]:0"])
        let error = #expect(throws: ConfigurationError.self) {
            try Advertised.addresses(parsing: ["203.0.113.7", "::ffff:203.0.113.7"])
        }
        expectSentence(
            error?.description ?? "", begins: "--advertise ::ffff:203.0.113.7 is given twice",
            cure: "give each address once")
    }

    @Test func hugeInputsAreRefusedInAShortSentence() {
        let error = #expect(throws: ConfigurationError.self) {
            try Advertised.address(parsing: String(repeating: "1.", count: 200_000))
        }
        expectSentence(error?.description ?? "", begins: "--advertise 1.1.", cure: "write HOST:PORT")
    }
}
