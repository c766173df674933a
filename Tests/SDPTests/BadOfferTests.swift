import SDP
import Testing

/// Offers that must be refused, each with a sentence that names the line and the cure.
@Suite struct BadOfferTests {
    // In Chromium's data-only offer the m= line is line 8.
    @Test(arguments: [
        ("a=fingerprint", "the data channel section that starts here has no a=fingerprint, nor has the session part"),
        ("a=ice-ufrag", "the data channel section that starts here has no a=ice-ufrag, nor has the session part"),
        ("a=ice-pwd", "the data channel section that starts here has no a=ice-pwd, nor has the session part"),
        ("a=setup", "the data channel section that starts here has no a=setup, nor has the session part"),
    ])
    func missing(prefix: String, sentence: String) throws {
        let text = try chromiumOffer { $0.removeAll { $0.hasPrefix(prefix) } }
        let error = try #require(refusal(of: text))
        #expect(error.kind == .unusable)
        #expect(error.line == 8)
        #expect(error.description == "line 8: \(sentence)")
    }

    @Test(arguments: [
        (
            "a=fingerprint", "a=fingerprint:sha-1 46:66:3D",
            "a=fingerprint uses a hash we do not accept; use sha-256, sha-384 or sha-512"
        ),
        ("a=setup", "a=setup:holdconn", "a=setup:holdconn forbids a connection; use actpass"),
        (
            "m=", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
            "the data channel section has port 0, which refuses it; use port 9"
        ),
        (
            "m=", "m=application 9 UDP/TLS/RTP/SAVPF webrtc-datachannel",
            #"data channels need "m=application 9 UDP/DTLS/SCTP webrtc-datachannel" as their m= line"#
        ),
        (
            "m=", "m=application 9 UDP/DTLS/SCTP 5000",
            #"data channels need "m=application 9 UDP/DTLS/SCTP webrtc-datachannel" as their m= line"#
        ),
    ])
    func unusable(prefix: String, line: String, sentence: String) throws {
        try expect(.unusable, prefix, line, sentence)
    }

    @Test(arguments: [
        (
            "a=fingerprint", "a=fingerprint:sha-256",
            #"a=fingerprint needs a hash name and a value, like "sha-256 AB:CD:…""#
        ),
        (
            "a=fingerprint", "a=fingerprint:sha-256 AB:+1",
            #"a=fingerprint needs a hash name and a value, like "sha-256 AB:CD:…""#
        ),
        ("a=fingerprint", "a=fingerprint:sha-256 AB:CD", "a=fingerprint of sha-256 needs 32 bytes as its value"),
        ("a=setup", "a=setup:both", "a=setup must be actpass or active or passive"),
        ("a=ice-ufrag", "a=ice-ufrag:abc", "a=ice-ufrag needs 4 to 256 letters, digits, + and /"),
        ("a=ice-ufrag", "a=ice-ufrag:abc:", "a=ice-ufrag needs 4 to 256 letters, digits, + and /"),
        ("a=ice-pwd", "a=ice-pwd:short", "a=ice-pwd needs 22 to 256 letters, digits, + and /"),
        ("a=sctp-port", "a=sctp-port:65536", "a=sctp-port needs a number from 1 to 65535, like 5000"),
        ("a=sctp-port", "a=sctp-port:+5000", "a=sctp-port needs a number from 1 to 65535, like 5000"),
        ("a=sctp-port", "a=sctp-port:0", "a=sctp-port needs a number from 1 to 65535, like 5000"),
        (
            "a=max-message-size", "a=max-message-size:+5",
            "a=max-message-size needs a number of bytes, like 262144, or 0 for no limit"
        ),
        ("a=mid", "a=mid:0 1", #"a=mid needs a name without spaces, like "0""#),
        ("a=mid", "a=:", #"a= needs a name, or a name, ":" and a value, like "a=mid:0""#),
        ("a=mid", "mid:0", #"a line is a small letter, "=" and a value, like "s=-""#),
        ("a=mid", "", #"a line is a small letter, "=" and a value, like "s=-""#),
        ("a=mid", "q=0", "SDP knows no such line at this place; remove it"),
        ("a=mid", "a=x\0", "the line holds a NUL byte; send the description as plain text"),
        ("a=mid", "a=x\rb", "a carriage return stands alone; end each line with CR LF"),
        (
            "m=", "m=application 65536 UDP/DTLS/SCTP webrtc-datachannel",
            #"m= needs a kind, a port, a protocol and a format, like "application 9 UDP/DTLS/SCTP webrtc-datachannel""#
        ),
        (
            "m=", "m=application 9",
            #"m= needs a kind, a port, a protocol and a format, like "application 9 UDP/DTLS/SCTP webrtc-datachannel""#
        ),
        ("v=", "v=1", #"a session description starts with "v=0""#),
        ("v=", "<html>", #"a line is a small letter, "=" and a value, like "s=-""#),
    ])
    func unparsable(prefix: String, line: String, sentence: String) throws {
        try expect(.unparsable, prefix, line, sentence)
    }

    private func expect(_ kind: SDPError.Kind, _ prefix: String, _ line: String, _ sentence: String) throws {
        var number = 0
        let text = try chromiumOffer { lines in
            number = (lines.firstIndex { $0.hasPrefix(prefix) } ?? -1) + 1
            lines.replace(prefix, with: line)
        }
        let error = try #require(refusal(of: text))
        #expect(error.kind == kind)
        #expect(error.line == number)
        #expect(error.description == "line \(number): \(sentence)")
    }

    @Test(arguments: ["o=", "s=", "t="])
    func sessionLineMissing(prefix: String) throws {
        let error = try #require(refusal(of: chromiumOffer { $0.removeAll { $0.hasPrefix(prefix) } }))
        #expect(error.description == "line 1: the session part that starts here has no \(prefix) line")
    }

    @Test func empty() throws {
        let error = try #require(refusal(of: []))
        #expect(error.kind == .unparsable)
        #expect(
            error.description
                == "the description is empty; send the text of RTCPeerConnection.localDescription.sdp")
    }

    @Test func carriageReturnOnly() throws {
        let text = try fixture("chromium-data").filter { $0 != UInt8(ascii: "\n") }
        let error = try #require(refusal(of: text))
        #expect(error.description == "line 1: a carriage return stands alone; end each line with CR LF")
    }

    @Test func lineFeedOnlyIsRead() throws {
        let text = try fixture("chromium-data")
        #expect(try offer(text.filter { $0 != UInt8(ascii: "\r") }) == offer(text))
    }

    @Test func notUTF8() throws {
        let text = try fixture("chromium-data") + Array("a=x:".utf8) + [0xC3, 0x28, 0x0D, 0x0A]
        #expect(refusal(of: text)?.description == "line 18: the line is not UTF-8 text")
    }

    @Test func twoSectionsWithOneMid() throws {
        let error = try #require(
            refusal(of: chromiumOffer { $0 += ["m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0"] }))
        #expect(error.kind == .unparsable)
        #expect(error.description == "line 19: another media section already has this a=mid; give each its own")
    }

    /// A cut inside a line is noticed; a cut between lines is an offer without its last lines.
    @Test(arguments: ["chromium-data", "firefox-data", "chromium-audio-and-data", "firefox-max-bundle"])
    func truncatedAtEveryByte(name: String) throws {
        let text = try fixture(name)
        for length in 0..<text.count {
            let error = refusal(of: Array(text[..<length]))
            if length == 0 || text[length - 1] != UInt8(ascii: "\n") {
                #expect(error?.kind == .unparsable, "\(length) bytes of \(text.count)")
            }
        }
        #expect(refusal(of: text) == nil)
    }

    @Test func everyByteReplaced() throws {
        let text = try fixture("chromium-data")
        for index in text.indices {
            for byte: UInt8 in [0, 0x0A, 0x0D, 0x20, 0x3A, 0xFF] {
                var changed = text
                changed[index] = byte
                // It is read or refused; what matters is that it does neither trap nor name a line that is not there.
                if let line = refusal(of: changed)?.line {
                    #expect((1...18).contains(line))
                }
            }
        }
    }
}
