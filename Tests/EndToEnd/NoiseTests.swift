import Testing

extension BrowserTests {
    /// Bytes from strangers at the shared port do not disturb a player.
    @Suite struct NoiseTests {
        /// 10,000 datagrams a second for ten seconds, from other addresses of this host, while a page makes round trips.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aPlayerPlaysOnThroughAFlood(browser: Browser) async throws {
            try await ENetProgram.echoServer { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=channels"]) { gateway in
                    // Reliable round trips, so that each must come back; as many as outlast the flood are cheap.
                    let report = try await browser.run(
                        "echo", "endure", join: gateway.join("world"), parameters: ["seconds": "11"]
                    ) { page in
                        _ = try await page.step("enduring")
                        let sent = try await NoiseSource.flood(
                            port: gateway.udpPort, perSecond: 10_000, seconds: 10, seed: 7)
                        #expect(sent == 100_000)
                    }
                    #expect(report.error == nil)
                    let rounds = try #require(report.details("endured").first?["rounds"].int)
                    #expect(rounds > 0)
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "browser-closed")
                }
            }
        }
    }
}
