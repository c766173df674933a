import Testing

@testable import Signaling

struct RequestTargetTests {
    @Test(arguments: [
        ("/", [""]), ("/join/game", ["join", "game"]), ("/join/a%2Fb", ["join", "a/b"]),
        ("/join/%E7%A5%9E", ["join", "神"]),
        ("/a//b/", ["a", "", "b", ""]), ("http://host", [""]), ("HTTPS://host:1/a?b", ["a"]), ("*", ["*"]),
    ])
    func segments(text: String, segments: [String]) {
        #expect(RequestTarget(text)?.segments == segments)
    }

    @Test(arguments: ["", "join", "/%", "/%1", "/%zz", "/%FF", "/?a=%", "ftp://host/", "host:80", "http://host?a"])
    func malformed(text: String) {
        #expect(RequestTarget(text) == nil)
    }

    @Test func query() {
        let query = RequestTarget("/?a=1&b&c=%3D=&&=d?")?.query.map { "\($0.name):\($0.value)" }
        #expect(query == ["a:1", "b:", "c:==", ":d?"])
    }

    @Test func dates() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
