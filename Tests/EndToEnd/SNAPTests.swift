import Testing

extension BrowserTests {
    /// Chromium with SNAP and SPED (draft-hancke-tsvwg-snap, draft-hancke-webrtc-sped), which it has but does not use
    /// unless told to.
    @Suite struct SNAPTests {
        private static let snap = "--enable-features=WebRtcSctpSnap"
        private static let sped = "--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/"

        /// What a page does with its channels works as over an association that was set up on the wire.
        @Test(
            .requires(.chromium), arguments: ["kinds", "sizes", "count", "negotiated", "later"],
            [[Self.snap], [Self.snap, Self.sped], [Self.sped]])
        func everyMessageComesBackUnchanged(scenario: String, switches: [String]) async throws {
            try await withEcho { gateway, server in
                let report = try await Browser.chromium.run(
                    "echo", scenario, join: gateway.join("world"), switches: switches)
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
                try await server.event("disconnected")
            }
        }

        /// Offered, it is answered, and the gateway is the DTLS client. The browser took the answer's INIT: with one that
        /// it did not use the two sides' tags would differ, and no channel would open.
        @Test(.requires(.chromium)) func itIsAnsweredWhenOffered() async throws {
            let (offer, answer) = try await descriptions(.chromium, [Self.snap])
            #expect(offer.contains("a=sctp-init:"))
            #expect(answer.contains("\r\na=sctp-init:AQ"))
            #expect(answer.contains("\r\na=setup:active\r\n"))
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func itIsNotMentionedOtherwise(browser: Browser) async throws {
            let (offer, answer) = try await descriptions(browser, [])
            #expect(!offer.contains("sctp-init"))
            #expect(!answer.contains("sctp-init"))
            #expect(answer.contains("\r\na=setup:passive\r\n"))
        }

        private func descriptions(_ browser: Browser, _ switches: [String]) async throws -> (String, String) {
            try await withEcho { gateway, _ in
                let report = try await browser.run(
                    "opening", "descriptions", join: gateway.join("world"), switches: switches)
                #expect(report.error == nil)
                let described = try #require(report.details("described").first)
                return try (#require(described["offer"].string), #require(described["answer"].string))
            }
        }

        private func withEcho<Result: Sendable>(
            _ body: (GatewayProgram, ServerProgram) async throws -> Result
        ) async throws -> Result {
            try await ENetProgram.echoServer { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=channels"]) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
