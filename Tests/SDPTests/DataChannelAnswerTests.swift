import Primitives
import SDP
import Testing

/// The answers we write, line by line and read back.
@Suite struct DataChannelAnswerTests {
    let credentials = ICECredentials(ufrag: "torii", password: "abcdefghijklmnopqrstuv")
    let fingerprint = DTLSFingerprint(.sha256, (0..<32).map { UInt8($0) })

    func candidates() throws -> [IceCandidate] {
        let addresses = [("192.0.2.7", UInt16(65535)), ("2001:db8::7", 65534)]
        return try addresses.enumerated().map { index, address in
            IceCandidate(
                foundation: "\(index + 1)", transport: .udp,
                priority: IceCandidate.hostPriority(localPreference: address.1),
                address: try #require(TransportAddress(literal: address.0, port: 7000)))
        }
    }

    func answer(_ offer: DataChannelDescription) throws -> DataChannelAnswer {
        DataChannelAnswer(
            to: offer, credentials: credentials, fingerprint: fingerprint,
            setup: offer.setup.answer(preferring: .passive), candidates: try candidates())
    }

    @Test func toDataOnly() throws {
        let text = try answer(offer(fixture("chromium-data"))).serialized(sessionID: .max)
        let pairs = (0..<32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
        #expect(
            text.split(separator: "\r\n", omittingEmptySubsequences: false) == [
                "v=0", "o=- 9223372036854775807 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
                "a=group:BUNDLE 0", "a=ice-lite",
                "m=application 7000 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 192.0.2.7", "a=mid:0",
                "a=ice-ufrag:torii", "a=ice-pwd:abcdefghijklmnopqrstuv",
                "a=fingerprint:sha-256 \(pairs.joined(separator: ":"))", "a=setup:passive",
                "a=sctp-port:5000", "a=max-message-size:262144",
                "a=candidate:1 1 udp 2130706431 192.0.2.7 7000 typ host",
                "a=candidate:2 1 udp 2130706175 2001:db8::7 7000 typ host",
                "a=end-of-candidates", "",
            ])
    }

    @Test(arguments: ["chromium", "firefox"])
    func refusesAudioInItsPlace(browser: String) throws {
        let offer = try offer(fixture("\(browser)-audio-and-data"))
        let lines = try answer(offer).serialized(sessionID: 1).split(separator: "\r\n").map(String.init)
        let formats = offer.media[0].formats.joined(separator: " ")
        #expect(
            Array(lines[4..<9]) == [
                "a=group:BUNDLE 1", "a=ice-lite", "m=audio 0 UDP/TLS/RTP/SAVPF \(formats)", "c=IN IP4 0.0.0.0",
                "a=mid:0",
            ])
        #expect(lines[9] == "m=application 7000 UDP/DTLS/SCTP webrtc-datachannel")
    }

    @Test(arguments: ["chromium-data", "firefox-data", "chromium-audio-and-data", "firefox-max-bundle"])
    func readsBack(name: String) throws {
        let offer = try offer(fixture(name))
        let answer = try answer(offer)
        let read = try DataChannelDescription(
            answer: SessionDescription(parsing: answer.serialized(sessionID: 7)))
        #expect(read.credentials == credentials)
        #expect(read.fingerprints == [fingerprint])
        #expect(read.setup == .passive)
        #expect(read.sctpPort == 5000)
        #expect(read.maxMessageSize == 262_144)
        #expect(read.isICELite)
        #expect(read.candidates == answer.candidates)
        #expect(read.mid == offer.mid)
        #expect(read.media.map(\.kind) == offer.media.map(\.kind))
        #expect(read.media.map(\.mid) == offer.media.map(\.mid))
        #expect(read.media.enumerated().allSatisfy { ($0.offset == read.dataIndex) == ($0.element.port != 0) })
    }

    /// An attribute we do not understand must not come back (echoed a=sctp-init broke Chrome 151).
    @Test func echoesNoAttribute() throws {
        let strange = ["a=sctp-init:AQAAJA==", "a=ice-options:trickle", "a=extmap:1 urn:x", "a=x:mark"]
        let text = try chromiumOffer { lines in
            lines += strange
            lines.insert(contentsOf: strange, at: 4)
        }
        #expect(
            try answer(offer(text)).serialized(sessionID: 1)
                == answer(offer(fixture("chromium-data"))).serialized(sessionID: 1))
    }

    @Test func noGroupWhereTheOfferHasNone() throws {
        let offer = try offer(chromiumOffer { $0.removeAll { $0.hasPrefix("a=group") } })
        let text = try answer(offer).serialized(sessionID: 1)
        #expect(!text.contains("BUNDLE"))
        #expect(text.contains("a=mid:0\r\n"))
    }

    @Test func withoutMidOrCandidates() throws {
        let offer = try offer(chromiumOffer { $0.removeAll { $0.hasPrefix("a=group") || $0.hasPrefix("a=mid") } })
        let text = DataChannelAnswer(
            to: offer, credentials: credentials, fingerprint: fingerprint, setup: .active, candidates: []
        ).serialized(sessionID: 1)
        #expect(!text.contains("BUNDLE") && !text.contains("a=mid"))
        #expect(text.contains("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"))
        #expect(text.contains("a=setup:active\r\n"))
    }

    @Test func setupComplementsTheOffer() {
        #expect(DTLSSetup.actpass.answer(preferring: .passive) == .passive)
        #expect(DTLSSetup.actpass.answer(preferring: .active) == .active)
        #expect(DTLSSetup.active.answer(preferring: .active) == .passive)
        #expect(DTLSSetup.passive.answer(preferring: .passive) == .active)
    }

    /// RFC 8445 §5.1.2.1: 2^24 × 126 + 2^8 × local preference + (256 − component).
    @Test func hostPriority() {
        #expect(IceCandidate.hostPriority(localPreference: 65535) == 2_130_706_431)
        #expect(IceCandidate.hostPriority(localPreference: 0) == 2_113_929_471)
        #expect(IceCandidate.hostPriority(localPreference: 65535, component: 2) == 2_130_706_430)
    }

    /// RFC 6544 §4.2: direction preference 4 in the three highest bits of the local preference; below every UDP one.
    @Test func tcpPriority() {
        #expect(IceCandidate.tcpPassiveHostPriority(otherPreference: 8191) == 90 << 24 | 40_959 << 8 | 255)
        #expect(IceCandidate.tcpPassiveHostPriority(otherPreference: 0) == 90 << 24 | 32_768 << 8 | 255)
        #expect(
            IceCandidate.tcpPassiveHostPriority(otherPreference: 8191) < IceCandidate.hostPriority(localPreference: 0))
    }

    /// RFC 8839 §4.2.1: the default candidate is UDP's, as the m= line's protocol says, wherever it stands.
    @Test func theDefaultCandidateIsUDPs() throws {
        let offer = try offer(fixture("chromium-data"))
        let tcp = IceCandidate(
            foundation: "9", transport: .tcpPassive, priority: 5,
            address: try #require(TransportAddress(literal: "192.0.2.8", port: 443)))
        for candidates in [[tcp] + (try candidates()), try candidates() + [tcp]] {
            let text = DataChannelAnswer(
                to: offer, credentials: credentials, fingerprint: fingerprint, setup: .passive, candidates: candidates
            ).serialized(sessionID: 1)
            #expect(text.contains("m=application 7000 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 192.0.2.7\r\n"))
            let read = try DataChannelDescription(answer: SessionDescription(parsing: text))
            #expect(read.candidates == candidates)
        }
    }

    @Test func tcpCandidate() throws {
        let candidate = IceCandidate(
            foundation: "a", transport: .tcpPassive, priority: 5,
            address: try #require(TransportAddress(literal: "192.0.2.7", port: 443)))
        #expect(candidate.description == "candidate:a 1 tcp 5 192.0.2.7 443 typ host tcptype passive")
    }
}
