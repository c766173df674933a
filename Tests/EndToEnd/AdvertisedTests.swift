import Testing

extension BrowserTests {
    /// Behind a router: browsers reach another port than the one the gateway is bound to.
    @Suite struct AdvertisedTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available, ["127.0.0.1", "localhost"])
        func playersJoinThroughAForwardedPort(browser: Browser, host: String) async throws {
            let router = try PortForward()
            defer { router.close() }
            try await ENetProgram.echoServer { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                let options = ["--advertise", "\(host):\(router.port)", "--tcp", "off"]
                try await GatewayProgram.serving([route], options: options) { gateway in
                    #expect(gateway.udpPort != router.port)
                    router.begin(to: gateway.udpPort)
                    let report = try await browser.run("echo", "stats", join: gateway.join("world"))
                    #expect(report.error == nil)
                    let pair = try #require(report.details("pair").first)
                    #expect(pair["remote"]["port"].int == Int(router.port), "\(pair)")
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "browser-closed")
                }
            }
        }
    }
}
