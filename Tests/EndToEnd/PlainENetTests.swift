import Testing

extension BrowserTests {
    /// What profile `channels` leaves to the game, with a plain libenet server: data words both ways, and the number of
    /// channels.
    @Suite struct PlainENetTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func theServerSeesConnectAndDisconnectData(browser: Browser) async throws {
            try await withEcho("channels=3") { gateway, server in
                let report = try await browser.run(
                    "echo", "remove", join: gateway.join("world") + "?connect_data=4294967295",
                    parameters: ["data": "4000000000"])
                #expect(report.error == nil)
                let connected = try await server.event("connected")
                #expect(connected["peer"].int == 4_294_967_295)
                #expect(connected["channels"].int == 3)
                let disconnected = try await server.event("disconnected")
                #expect(disconnected["data"].int == 4_000_000_000)
            }
        }

        @Test(.requires(.chromium)) func theRouteHasConnectDataForJoinsWithoutAny() async throws {
            try await withEcho("connect-data=77") { gateway, server in
                let report = try await Browser.chromium.run("echo", "close", join: gateway.join("world"))
                #expect(report.error == nil)
                let connected = try await server.event("connected")
                #expect(connected["peer"].int == 77)
                #expect(connected["channels"].int == 255)
                let disconnected = try await server.event("disconnected")
                #expect(disconnected["data"].int == 0)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func thePageLearnsTheServersDisconnectData(browser: Browser) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run(
                    "echo", "kick", join: gateway.join("world"), parameters: ["data": "4000000000"])
                #expect(report.error == nil)
                let status = try #require(report.details("status").first)
                #expect(status["state"].string == "ended")
                #expect(status["code"].string == "server-closed")
                #expect(status["data"].int == 4_000_000_000)
                guard browser == .chromium else { return }
                // Firefox has no way to show a page the text of an ABORT.
                let errors = report.details("ended").first?["errors"].array ?? []
                #expect(errors.contains { $0["message"].string?.contains("(data 4000000000).") == true })
            }
        }

        private func withEcho(
            _ option: String? = nil, _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await ENetProgram.echoServer { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels" + (option.map { "&\($0)" } ?? "")
                try await GatewayProgram.serving([route]) { gateway in try await body(gateway, server) }
            }
        }
    }
}
