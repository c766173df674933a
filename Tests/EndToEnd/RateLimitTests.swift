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
                    // 80 of them come after the first 200 messages, and most of those before the next.
                    let dropped = ended["drop_\(reason)"].flatMap { Int($0) } ?? 0
                    #expect((60...180).contains(dropped))
                }
            }
        }
    }
}
