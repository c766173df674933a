import Primitives
import SDP
import Testing

/// The rules by which an offer's lines become a description.
@Suite struct DataChannelDescriptionTests {
    @Test func defaults() throws {
        let offer = try offer(
            chromiumOffer { lines in
                lines.removeAll { $0.hasPrefix("a=sctp-port") || $0.hasPrefix("a=max-message-size") }
            })
        #expect(offer.sctpPort == 5000)
        #expect(offer.maxMessageSize == 65536)
    }

    @Test(arguments: [("0", Int.max), ("1", 1), ("99999999999999999999999", Int.max), ("1073741823", 1_073_741_823)])
    func maxMessageSize(value: String, expected: Int) throws {
        let text = try chromiumOffer { $0.replace("a=max-message-size", with: "a=max-message-size:\(value)") }
        #expect(try offer(text).maxMessageSize == expected)
    }

    @Test func mediaLevelWinsOverSessionLevel() throws {
        let zeros = Array(repeating: "00", count: 32).joined(separator: ":")
        let session = [
            "a=ice-ufrag:session", "a=ice-pwd:sessionsessionsessionsession", "a=fingerprint:sha-256 \(zeros)",
        ]
        let both = try offer(chromiumOffer { $0.insert(contentsOf: session, at: 4) })
        let plain = try offer(fixture("chromium-data"))
        #expect(both.credentials == plain.credentials)
        #expect(both.fingerprints == plain.fingerprints)

        let sessionOnly = try offer(
            chromiumOffer { lines in
                lines.removeAll { $0.hasPrefix("a=ice-") || $0.hasPrefix("a=fingerprint") }
                lines.insert(contentsOf: session, at: 4)
            })
        #expect(sessionOnly.credentials.ufrag == "session")
        #expect(sessionOnly.fingerprints == [DTLSFingerprint(.sha256, [UInt8](repeating: 0, count: 32))])
    }

    @Test func everyUsableFingerprint() throws {
        let text = try chromiumOffer { lines in
            let long = Array(repeating: "ab", count: 64).joined(separator: ":")
            lines += ["a=fingerprint:sha-1 00:11", "a=fingerprint:SHA-512 \(long)"]
        }
        let fingerprints = try offer(text).fingerprints
        #expect(fingerprints.map(\.algorithm) == [.sha256, .sha512])
        #expect(fingerprints.last?.bytes == [UInt8](repeating: 0xAB, count: 64))
    }

    /// RFC 8843 §7.1.3: a bundle-only section may leave its transport to the group's first section, and only such a
    /// section may.
    @Test func bundleOnlyTakesTransportOfTheGroup() throws {
        var lines = String(decoding: try fixture("chromium-audio-and-data"), as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
        let data = try #require(lines.firstIndex { $0.hasPrefix("m=application") })
        lines[data] = "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"
        lines[data...].removeAll { line in
            ["a=ice-", "a=fingerprint", "a=setup"].contains { line.hasPrefix($0) }
        }
        let text = { (lines: [String]) in Array(lines.map { $0 + "\r\n" }.joined().utf8) }
        #expect(refusal(of: text(lines))?.kind == .unusable)
        let open = lines.map { $0.replacing("application 0", with: "application 9") }
        #expect(refusal(of: text(open))?.description.contains("has no a=ice-ufrag") == true)
        let bundled = try offer(text(lines + ["a=bundle-only"]))
        #expect(try bundled.credentials == offer(fixture("chromium-audio-and-data")).credentials)
        lines.replace("a=group", with: "a=group:BUNDLE 0")
        #expect(refusal(of: text(lines + ["a=bundle-only"]))?.kind == .unusable)
    }

    @Test func firstUsableDataSectionIsTaken() throws {
        let stopped = ["m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:old"]
        let offer = try offer(chromiumOffer { $0.insert(contentsOf: stopped, at: 7) })
        #expect(offer.dataIndex == 1)
        #expect(offer.mid == "0")
    }

    @Test func candidatesWithLiteralAddresses() throws {
        let text = try chromiumOffer { lines in
            lines += [
                "a=candidate:1 1 udp 2113937151 b0d1.local 5000 typ host generation 0",
                "a=candidate:2 1 UDP 2113937151 192.0.2.9 5001 typ host generation 0",
                "a=candidate:3 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active",
                "a=candidate:4 1 tcp 1518280447 2001:db8::9 443 typ host tcptype passive",
                "a=candidate:5 1 udp 1 192.0.2.9 5001 typ srflx raddr 0.0.0.0 rport 0",
                "a=candidate:6 2 udp 1 192.0.2.9 5001 typ host",
                "a=candidate:", "a=candidate:7 1 udp 99999999999 192.0.2.9 1 typ host",
            ]
        }
        let candidates = try offer(text).candidates
        #expect(candidates.map(\.foundation) == ["2", "4"])
        #expect(candidates.map(\.transport) == [.udp, .tcpPassive])
        #expect(candidates.map(\.address.description) == ["192.0.2.9:5001", "[2001:db8::9]:443"])
    }

    @Test(arguments: ["TCP/DTLS/SCTP", "DTLS/SCTP"])
    func otherTransports(transport: String) throws {
        let text = try chromiumOffer { $0.replace("m=", with: "m=application 9 \(transport) webrtc-datachannel") }
        #expect(try offer(text).media[0].transport == transport)
    }

    @Test func answerMustChooseASetup() throws {
        let text = try fixture("chromium-data")
        #expect(throws: SDPError.self) { try DataChannelDescription(answer: SessionDescription(parsing: text)) }
    }
}
