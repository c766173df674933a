import Primitives
import SDP

enum SDPBenchmarks {
    static let all = [
        MicroBenchmark(name: "sdp.chromium", meaning: "Chromium's offer read", rounds: 100) {
            reading(fixture("sdp/chromium-data.sdp"))
        },
        MicroBenchmark(name: "sdp.firefox", meaning: "Firefox's offer read", rounds: 100) {
            reading(fixture("sdp/firefox-data.sdp"))
        },
        MicroBenchmark(name: "sdp.answer", meaning: "the answer to Chromium written", rounds: 100) {
            let answer = DataChannelAnswer(
                to: try DataChannelDescription(
                    offer: SessionDescription(parsing: fixture("sdp/chromium-data.sdp"))),
                credentials: ICECredentials(ufrag: "torii123", password: STUNBenchmarks.password),
                fingerprint: DTLSFingerprint(.sha256, (0..<32).map { UInt8($0) }), setup: .passive,
                candidates: [
                    IceCandidate(
                        foundation: "1", transport: .udp,
                        priority: IceCandidate.hostPriority(localPreference: .max),
                        address: TransportAddress(ipv4: 0xC000_0201, port: 3478))
                ])
            return { counted { expect(!answer.serialized(sessionID: 1).isEmpty, "The answer is empty.") } }
        },
    ]

    private static func reading(_ offer: [UInt8]) -> () throws -> Void {
        {
            counted {
                let description = try? DataChannelDescription(offer: SessionDescription(parsing: offer))
                expect(description != nil, "The offer was not read.")
            }
        }
    }
}
