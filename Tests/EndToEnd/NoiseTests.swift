import Testing

extension BrowserTests {
    /// Bytes from strangers at the shared port do not disturb a player.
    @Suite struct NoiseTests {
        /// 10,000 datagrams a second for ten seconds, from other addresses of this host, while pages make round trips.
        @Test(.requires(.chromium, .firefox)) func playersPlayOnThroughAFlood() async throws {
            try await ENetProgram.echoServer { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=channels"]) { gateway in
                    try await whilePlaying(Browser.available[...], gateway) {
                        let position = server.position
                        let sent = try await NoiseSource.flood(
                            port: gateway.udpPort, perSecond: 10_000, seconds: 10, seed: 7)
                        #expect(sent == 100_000)
                        #expect(server.position > position)
                    }
                }
            }
        }

        /// Runs `body` while a page plays in each of the browsers: reliable round trips, so that each must come back.
        private func whilePlaying(
            _ browsers: ArraySlice<Browser>, _ gateway: GatewayProgram, _ body: @Sendable () async throws -> Void
        ) async throws {
            guard let browser = browsers.first else { return try await body() }
            var logged = 0
            let report = try await browser.run("echo", "endure", join: gateway.join("world")) { page in
                _ = try await page.step("enduring")
                try await whilePlaying(browsers.dropFirst(), gateway, body)
                logged = gateway.process.errors.entries.count
                page.stop()
            }
            #expect(report.error == nil, "\(browser)")
            let rounds = try #require(report.details("endured").first?["rounds"].int)
            #expect(rounds > 0, "\(browser)")
            let ended = try await gateway.ended(from: logged)
            #expect(ended["reason"] == "browser-closed", "\(browser)")
        }
    }
}
