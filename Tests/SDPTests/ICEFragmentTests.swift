import Primitives
import Testing

@testable import SDP

struct ICEFragmentTests {
    private let text = """
        a=ice-ufrag:EsAw\r
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r
        m=audio 9 RTP/AVP 0\r
        a=mid:0\r
        a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw\r
        a=end-of-candidates\r

        """

    @Test func readsCredentials() throws {
        let fragment = try ICEFragment(parsing: Array(text.utf8))
        #expect(fragment.credentials.ufrag == "EsAw")
        #expect(fragment.credentials.password == "P2uYro0UCOQ4zxjKXaWCBui1")
    }

    @Test func credentialsMayStandInASection() throws {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        let moved = (lines[2...3] + lines[0...1] + lines[4...]).map { $0 + "\r\n" }.joined()
        #expect(try ICEFragment(parsing: Array(moved.utf8)) == ICEFragment(parsing: Array(text.utf8)))
    }

    @Test func cutOffAnywhereItIsRefusedOrWhole() {
        let bytes = Array(text.utf8)
        for count in bytes.indices {
            let fragment = try? ICEFragment(parsing: Array(bytes[..<count]))
            #expect(fragment == nil || fragment?.credentials.ufrag == "EsAw")
        }
    }

    @Test(arguments: [
        ("", "the fragment has no a=ice-ufrag and a=ice-pwd; copy them from localDescription.sdp"),
        ("v=0\r\n", "line 1: a fragment has only a= and m= lines; remove it"),
        (
            "a=ice-ufrag:abc\r\na=ice-pwd:0123456789012345678901\r\n",
            "line 1: a=ice-ufrag needs 4 to 256 letters, digits, + and /"
        ),
    ])
    func saysWhatIsWrong(text: String, sentence: String) {
        let error = #expect(throws: SDPError.self) { try ICEFragment(parsing: Array(text.utf8)) }
        #expect(error?.description == sentence)
    }

    @Test func theAnswerReadsAsAFragment() throws {
        let credentials = ICECredentials(ufrag: "abcd", password: "0123456789012345678901")
        let candidate = IceCandidate(
            foundation: "1", transport: .udp, priority: 1, address: TransportAddress(ipv4: 0xC000_0201, port: 7))
        let answer = ICERestartAnswer(credentials: credentials, candidates: [candidate], mid: "0").serialized()
        #expect(try ICEFragment(parsing: Array(answer.utf8)).credentials == credentials)
        #expect(answer.contains("a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 7 typ host\r\na=end-of-candidates\r\n"))
    }
}
