import Testing

@testable import Discovery

@Suite struct HTTPDocumentTests {
    private func body(_ response: String) -> String {
        do throws(DiscoveryError) {
            return String(decoding: try HTTPDocument.body(of: Array(response.utf8)), as: UTF8.self)
        } catch {
            return "! \(error)"
        }
    }

    @Test func theBodyIsWhatFollowsTheHead() {
        #expect(body("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]") == "[]")
        #expect(body("HTTP/1.0 200\r\ncontent-LENGTH:  2\r\n\r\n{}") == "{}")
        #expect(body("HTTP/1.0 200 OK\r\n\r\n") == "")
    }

    /// Who can cut a connection of TLS can leave out what comes after; only a length tells then.
    @Test func whatMayHaveBeenCutOffNeedsALength() throws {
        let whole = Array("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]".utf8)
        #expect(try HTTPDocument.body(of: whole, isWhole: false) == Array("[]".utf8))
        #expect(throws: DiscoveryError("its answer was cut off")) {
            try HTTPDocument.body(of: Array("HTTP/1.0 200 OK\r\n\r\n[]".utf8), isWhole: false)
        }
    }

    @Test(arguments: [
        ("", "! its answer is no HTTP"), ("HTTP/1.1 200 OK\r\n", "! its answer is no HTTP"),
        ("SSH-2.0 200\r\n\r\n", "! its answer is no HTTP"), ("HTTP/1.1 x\r\n\r\n", "! its answer is no HTTP"),
        ("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "! it answers with the status 302, not 200"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n{}", "! its answer is not as long as it says"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "! its answer is in chunks, which HTTP/1.0 has not"
        ),
        ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 20_000) + "\r\n\r\n[]", "! its answer is no HTTP"),
    ])
    func whatCannotBeUsedIsSaid(response: String, expected: String) {
        #expect(body(response) == expected)
    }
}
