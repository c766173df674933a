import Testing

@testable import Configuration

@Suite struct ICEServerURLTests {
    @Test(arguments: [
        ("turn:turn.example.org", true), ("turn:turn.example.org:3478?transport=udp", true),
        ("turn:203.0.113.7:3478?transport=tcp", true), ("turns:[2001:db8::7]:5349", true),
        ("stun:stun.example.org:3478", false), ("stun:[2001:db8::7]", false),
    ])
    func whatBrowsersTakeIsTaken(text: String, needsCredential: Bool) throws {
        let url = try ICEServerURL(parsing: text)
        #expect(url.text == text)
        #expect(url.needsCredential == needsCredential)
    }

    @Test(arguments: [
        ("", "write turn:HOST:PORT"), ("turn.example.org", "write turn:HOST:PORT"),
        ("turn.example.org:3478", "write turn:HOST:PORT"), ("http://a", "write turn:HOST:PORT"),
        ("stuns:a", "write turn:HOST:PORT"), ("TURN:a", "write turn:HOST:PORT"),
        ("turn://turn.example.org", "write turn:HOST:PORT"), ("turn:", "write HOST:PORT"),
        ("turn:a b", "write HOST:PORT"), ("turn:a:b:c", "in brackets"), ("turn:a:0", "the one it listens on"),
        ("turn:a:70000", "a number from 0 to 65535"), ("turn:user@a:1", "write HOST:PORT"),
        ("turn:a:1?transport=sctp", "?transport=udp or ?transport=tcp"),
        ("turn:a:1?", "?transport=udp or ?transport=tcp"),
        ("turn:a:1?transport=udp&x=1", "?transport=udp or ?transport=tcp"),
        ("stun:a:1?transport=udp", "STUN has no options"), ("turn:a>;b", "write HOST:PORT"),
        (#"turn:a""#, "write HOST:PORT"), ("turn:a:1\r\nX: y", "in brackets"),
    ])
    func whatBrowsersWouldNotTakeIsNamedWithTheCure(text: String, cure: String) {
        let error = #expect(throws: ConfigurationError.self) { try ICEServerURL(parsing: text) }
        expectSentence(error?.description ?? "", begins: "--turn ", cure: cure)
    }

    @Test func severalKeepTheirOrder() throws {
        let texts = ["turn:a:1?transport=udp", "turn:a:1?transport=tcp", "stun:a:1"]
        #expect(try ICEServerURL.all(flags(texts)).map(\.text) == texts)
        let twice = #expect(throws: ConfigurationError.self) { try ICEServerURL.all(flags(["stun:a", "stun:a"])) }
        expectSentence(twice?.description ?? "", begins: "--turn stun:a is given twice", cure: "give each server once")
        let many = (0...ICEServerURL.limit).map { "stun:\($0).example" }
        #expect(try ICEServerURL.all(flags(Array(many.dropFirst()))).count == ICEServerURL.limit)
        let error = #expect(throws: ConfigurationError.self) { try ICEServerURL.all(flags(many)) }
        expectSentence(error?.description ?? "", begins: "--turn is given 9 times", cure: "at most 8 servers")
    }
}
