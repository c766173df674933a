import Foundation
import Testing

@testable import SDP

/// a=sctp-init (draft-hancke-tsvwg-snap): read where it is sound, passed over where it is not.
@Suite struct SCTPInitTests {
    /// The example of the draft.
    private let value = "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoLA"

    private func sctpInit(_ lines: String...) throws -> [UInt8]? {
        try offer(chromiumOffer { $0 += lines }).sctpInit
    }

    @Test func theLineIsRead() throws {
        let bytes = try #require(try sctpInit("a=sctp-init:\(value)"))
        #expect(bytes.count == 30 && bytes.prefix(8) == [1, 0, 0, 30, 0x89, 0x6C, 0xDD, 0x1D])
        #expect(try sctpInit() == nil)
    }

    @Test func chromiumsOffer() throws {
        let offer = try offer(fixture("chromium-snap"))
        #expect(offer.sctpInit?.count == 30 && offer.sctpInit?.first == 1)
    }

    /// None of these is an error: the offer is as good as without the line.
    @Test func aLineThatIsNotSoundIsPassedOver() throws {
        for bad in [
            "", "=", "AQ", "AQAAHols3R0AUAAA/////+B5ZR3AAAAEgAgABoL", "AQ A", "A===", "AR==", "AQ==AQ==", "AQ-_",
            "ÄQAA",
        ] {
            #expect(try sctpInit("a=sctp-init:\(bad)") == nil, "\(bad)")
        }
        #expect(try sctpInit("a=sctp-init") == nil)
    }

    /// Which of two was meant cannot be told, even if they say the same.
    @Test func twoLinesArePassedOver() throws {
        #expect(try sctpInit("a=sctp-init:\(value)", "a=sctp-init:\(value)") == nil)
    }

    /// It is a media-level attribute.
    @Test func elsewhereItMeansNothing() throws {
        let atSession = try offer(chromiumOffer { $0.insert("a=sctp-init:\(value)", at: 4) })
        #expect(atSession.sctpInit == nil)
    }

    @Test func theAnswerCarriesOurs() throws {
        let offer = try offer(chromiumOffer { $0.append("a=sctp-init:\(value)") })
        for ours in [nil, [1, 0, 0, 4, 250]] as [[UInt8]?] {
            let text = DataChannelAnswer(
                to: offer, credentials: ICECredentials(ufrag: "torii", password: "abcdefghijklmnopqrstuv"),
                fingerprint: DTLSFingerprint(.sha256, Array(0..<32)), setup: .active, candidates: [], sctpInit: ours
            ).serialized(sessionID: 1)
            #expect(try DataChannelDescription(answer: SessionDescription(parsing: text)).sctpInit == ours)
            #expect(text.contains("sctp-init") == (ours != nil))
        }
    }
}

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    @Test func vectors() {
        for (text, encoded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(text.utf8)) == encoded)
            #expect(Base64.decode(encoded) == Array(text.utf8))
        }
    }

    @Test func everyLengthAndByte() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: 255 &- $0 &* 37) }
            #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    /// RFC 4648 §3.3, §3.5, §4: other letters, padding elsewhere, and bits that are not zero.
    @Test func whatIsNone() {
        for text in [
            "Z", "Zg", "Zg=", "Zg===", "====", "=", "Z===", "Zm=v", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm 9",
            "Zm-_",
        ] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }
}
