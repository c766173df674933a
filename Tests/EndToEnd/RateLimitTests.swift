import Testing

extension BrowserTests {
    /// A burst of messages on channels of every kind, over a route that lets through fewer at once.
    @Suite struct RateLimitTests {
        @Test(
            .requires(.chromium),
            arguments: [
                ("session-to-server", "messageRateExceeded"), ("route-to-server", "messageRateExceeded"),
                // What the page cannot be given yet waits, and not for long.
                ("session-to-browser", "messageStale"), ("route-to-browser", "messageStale"),
            ])
        func aLimitDropsWhatIsUnreliableAndHoldsUpTheRest(limit: String, reason: String) async throws {
            try await ENetProgram.echoServer { _, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels&\(limit)=200,"
                try await GatewayProgram.serving([route]) { gateway in
                    // 100 on each of five channels, of which two are unreliable; reliable ones are all awaited.
                    let report = try await Browser.chromium.run(
                        "echo", "count", join: gateway.join("world"), parameters: ["count": "100"])
                    #expect(report.error == nil)
                    let ended = try await gateway.ended()
                    let dropped = ended["drop_\(reason)"].flatMap { Int($0) } ?? 0
                    #expect(dropped > 0)
                    // What is back was not dropped; libenet may have dropped more when the machine was busy.
                    let counts = report.details("counted").compactMap { $0["received"].int }
                    #expect(counts.count == 5 && counts.reduce(0, +) + dropped <= 500, "\(counts), \(dropped)")
                }
            }
        }

        /// The same of an address and of the gateway. Loopback is no address that counts, so these are on a network.
        @Test(
            .requires(.chromium, .networkNamespaces),
            arguments: [
                ("--address-to-server", "messageRateExceeded"), ("--gateway-to-server", "messageRateExceeded"),
                ("--address-to-browser", "messageStale"), ("--gateway-to-browser", "messageStale"),
            ])
        func aLimitOfTheGatewayDoesTheSame(flag: String, reason: String) async throws {
            try await NetworkNamespace.running(.ipv4) { _ in
                try await ENetProgram.echoServer { _, port in
                    let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                    try await GatewayProgram.serving([route], options: [flag, "200,"]) { gateway in
                        let report = try await Browser.chromium.run(
                            "echo", "count", join: gateway.join("world"), parameters: ["count": "100"])
                        #expect(report.error == nil)
                        let ended = try await gateway.ended()
                        #expect(ended["drop_\(reason)"].flatMap { Int($0) } ?? 0 > 0, "\(ended)")
                    }
                }
            }
        }
    }
}
