import LibENet
import Testing

extension BrowserTests {
    /// Profile `channels`: any page and any ENet server, here the plain libenet echo server.
    @Suite struct ChannelsTests {
        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available,
            ["kinds", "sizes", "oversize", "count", "negotiated", "later", "audio", "restart"])
        func everyMessageComesBackUnchanged(browser: Browser, scenario: String) async throws {
            try await withEcho { gateway, server in
                let report = try await browser.run("echo", scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
                try await server.event("disconnected")
            }
        }

        /// However the gateway waits for datagrams.
        @Test(
            .requires(.chromium), arguments: [["--busy-poll", "1000"], ["--coalesce", "10000"]],
            ["sizes", "count"])
        func aGatewayThatPollsOrCoalescesCarriesTheSame(options: [String], scenario: String) async throws {
            try await withEcho(options: options) { gateway, _ in
                let report = try await Browser.chromium.run("echo", scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
            }
        }

        /// What the server receives on its channels, told by the server and not by the echo.
        @Test(.requires(.chromium), arguments: LibENet.available)
        func deliveryKindsReachTheServer(of library: LibENet) async throws {
            try await withEcho(on: library) { gateway, server in
                let report = try await Browser.chromium.run("echo", "kinds", join: gateway.join("world"))
                #expect(report.error == nil)
                let seen = Set(
                    server.events("packet").map { "\($0["channel"].int ?? -1) \($0["kind"].string ?? "?")" })
                // "3" is unordered and reliable, which ENet has only in order; "chat" was opened fifth.
                #expect(seen == ["0 reliable", "1 sequenced", "2 unsequenced", "3 reliable", "4 reliable"])
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func audioAloneIsRefusedWithASentence(browser: Browser) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run("echo", "audioOnly", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("refused").first?["status"].int == 422)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aPageOfAnotherOriginCanReadARefusal(browser: Browser) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run(
                    "echo", "refused", join: gateway.join("nowhere"), parameters: ["status": "404"])
                #expect(report.error == nil)
                #expect(report.details("refused").first?["body"].string?.contains("There is no route") == true)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func thePageLearnsItsCandidatePair(browser: Browser) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run("echo", "stats", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("pair").first?["remote"]["port"].int == Int(gateway.udpPort))
            }
        }

        /// Browsers leave the choice to us; a page that does not must play too.
        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available,
            [("active", "passive"), ("passive", "active"), ("actpass", "passive")])
        func eitherDTLSRolePlays(browser: Browser, setup: (offered: String, answered: String)) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run(
                    "echo", "setup", join: gateway.join("world"), parameters: ["setup": setup.offered])
                #expect(report.error == nil)
                #expect(report.details("answered").first?["setup"].string == setup.answered)
            }
        }

        private func withEcho(
            on library: LibENet = .system, options: [String] = [],
            _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await ENetProgram.echoServer(on: library) { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                try await GatewayProgram.serving([route], options: options) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
