import SDP
import Testing

/// Each bound is reached, and one more is refused.
@Suite struct LimitTests {
    @Test func aMegabyteIsRefusedUnread() throws {
        let text = [UInt8](repeating: UInt8(ascii: "\n"), count: 1 << 20)
        let sentence = "the description is larger than 65536 bytes; offer fewer media sections"
        #expect(refusal(of: text)?.description == sentence)
        #expect(throws: SDPError.self) { try SessionDescription(parsing: String(repeating: "a", count: 1 << 20)) }
    }

    @Test func length() throws {
        let start = try chromiumOffer { _ in }
        let filling = SessionDescription.maximumLength - start.count
        // Lines of 4096 bytes with CR LF, and one line for the rest.
        var text = start
        while text.count < SessionDescription.maximumLength {
            let left = SessionDescription.maximumLength - text.count
            let size = left < 200 + 4098 && left > 4098 ? 2000 : min(left, 4098)
            text += Array("a=\(String(repeating: "x", count: size - 4))\r\n".utf8)
        }
        #expect(filling > 0 && text.count == SessionDescription.maximumLength)
        #expect(refusal(of: text) == nil)
        #expect(refusal(of: text + [0x0A])?.line == nil)
        #expect(refusal(of: text + [0x0A])?.kind == .unparsable)
    }

    @Test func lineLength() throws {
        let longest = SessionDescription.maximumLineLength
        let line = "a=" + String(repeating: "x", count: longest - 2)
        #expect(try refusal(of: chromiumOffer { $0.append(line) }) == nil)
        #expect(
            try refusal(of: chromiumOffer { $0.append(line + "x") })?.description
                == "line 18: the line is longer than 4096 bytes")
    }

    @Test func lines() throws {
        let filling = [String](repeating: "a=x", count: SessionDescription.maximumLines - 17)
        #expect(try refusal(of: chromiumOffer { $0 += filling }) == nil)
        #expect(
            try refusal(of: chromiumOffer { $0 += filling + ["a=x"] })?.description
                == "line 1025: the description has more than 1024 lines")
    }

    @Test func mediaSections() throws {
        let filling = [String](repeating: "m=audio 9 UDP/TLS/RTP/SAVPF 0", count: 31)
        #expect(try refusal(of: chromiumOffer { $0 += filling }) == nil)
        #expect(
            try refusal(of: chromiumOffer { $0 += filling + ["m=audio 9 UDP/TLS/RTP/SAVPF 0"] })?.description
                == "line 49: the description has more than 32 media sections")
    }
}
