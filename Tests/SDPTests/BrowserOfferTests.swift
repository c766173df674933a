import Primitives
import SDP
import Testing

/// What we read from offers of real browsers.
@Suite struct BrowserOfferTests {
    @Test func chromiumData() throws {
        let offer = try offer(fixture("chromium-data"))
        #expect(offer.credentials == ICECredentials(ufrag: "+B4+", password: "pkCN+0y5Ut1kkuwYVox/g49i"))
        #expect(offer.fingerprints.count == 1)
        #expect(offer.fingerprints.first?.algorithm == .sha256)
        #expect(offer.setup == .actpass)
        #expect(offer.sctpPort == 5000)
        #expect(offer.maxMessageSize == 262_144)
        #expect(offer.mid == "0")
        #expect(offer.isBundled)
        #expect(!offer.isICELite)
        #expect(offer.candidates.isEmpty)
        #expect(offer.media.count == 1)
    }

    @Test func firefoxData() throws {
        let offer = try offer(fixture("firefox-data"))
        #expect(offer.credentials == ICECredentials(ufrag: "f2e91db4", password: "60bcabc07f4d83737cb6535af210ddfd"))
        #expect(offer.fingerprints.count == 1, "Firefox names it in the session part")
        #expect(offer.setup == .actpass)
        #expect(offer.maxMessageSize == 1_073_741_823)
        #expect(offer.mid == "0")
        #expect(offer.isBundled)
    }

    @Test(arguments: ["chromium", "firefox"])
    func audioAndData(browser: String) throws {
        let offer = try offer(fixture("\(browser)-audio-and-data"))
        #expect(offer.media.map(\.kind) == ["audio", "application"])
        #expect(offer.media.map(\.mid) == ["0", "1"])
        #expect(offer.media[0].transport == "UDP/TLS/RTP/SAVPF")
        #expect(offer.media[0].formats.count >= 5)
        #expect(offer.dataIndex == 1)
        #expect(offer.mid == "1")
    }

    /// Its data section has port 0 and a=bundle-only (RFC 8843 §6).
    @Test func firefoxMaxBundle() throws {
        let offer = try offer(fixture("firefox-max-bundle"))
        #expect(offer.media.map(\.kind) == ["audio", "video", "application"])
        #expect(offer.media[2].port == 0)
        #expect(offer.dataIndex == 2)
        #expect(offer.isBundled)
    }

    @Test func audioOnlyIsRefused() throws {
        let error = try #require(refusal(of: fixture("chromium-audio-only")))
        #expect(error.kind == .unusable)
        #expect(
            error.description == "there is no data channel section; call createDataChannel before createOffer")
    }

    /// RFC 8122 §5 has upper-case digits only; some write lower-case ones, and nothing else is a digit.
    @Test func fingerprintsAreOfHexadecimalDigits() throws {
        let rest = String(repeating: ":00", count: 31)
        for byte in UInt8(0x21)...0x7E where byte != UInt8(ascii: ":") {
            let letter = String(Character(Unicode.Scalar(byte)))
            let text = try chromiumOffer {
                $0.replace("a=fingerprint", with: "a=fingerprint:sha-256 5\(letter)\(rest)")
            }
            let digit = letter.unicodeScalars.first?.properties.isASCIIHexDigit == true ? UInt8(letter, radix: 16) : nil
            if let digit {
                #expect(try offer(text).fingerprints.first?.bytes.first == 0x50 + digit)
            } else {
                #expect(refusal(of: text) != nil, "\(letter)")
            }
        }
    }
}
