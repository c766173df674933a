import Foundation
import Testing

extension BrowserTests {
    /// What a page with the client library learns of an end that is not its own, and how it comes back.
    @Suite struct ClientEndingTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aKickComesWithItsReason(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run(
                    "client", "stay", join: gateway.join("world"), parameters: ["kick": "42"])
                #expect(report.error == nil)
                let ended = try #require(report.details("ended").first)
                #expect(ended["reason"].string == "The game server disconnected the player (data 42).")
                #expect(ended["code"].string == "server-closed")
                #expect(ended["data"].int == 42)
                #expect(ended["transient"].bool == false)
            }
        }

        /// join() has returned by then or not: the refusal races with the opening of the data channels.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aServerThatIsNotThereIsNamed(browser: Browser) async throws {
            let port = try UnusedPort.udp()
            try await GatewayProgram.serving([ClientWorld.route(to: Int(port))]) { gateway in
                let report = try await browser.run("client", "unanswered", join: gateway.join("world"))
                #expect(report.error == nil)
                let ended = try #require(report.details("ended").first)
                #expect(ended["code"].string == "server-not-there")
                #expect(ended["transient"].bool == true)
            }
        }

        /// Stopped in order, the gateway says so; killed, the next one knows nothing of the session. Either way the page
        /// joins again at the same address.
        @Test(.requires(.chromium, .firefox), arguments: [SIGINT, SIGKILL])
        func aRestartedGatewayIsJoinedAgain(signal: Int32) async throws {
            try await Browser.atOnce { browser in
                try await ClientWorld.behindFront { front, gateway, server in
                    let join = "\(front.origin)/join/world"
                    let port = try await server.number(after: "LISTENING")
                    let report = try await browser.run("client", "stay", join: join, parameters: ["again": "yes"]) {
                        page in
                        _ = try await page.step("playing")
                        gateway.process.signal(signal)
                        _ = try await gateway.process.exit()
                        try await GatewayProgram.serving([ClientWorld.route(to: port)]) { next in
                            front.lead(to: next)
                            let ended = try await page.step("ended", within: .seconds(60))
                            #expect(ended["transient"].bool == true)
                            if signal == SIGKILL {
                                #expect(ended["code"].string == "session-unknown", "\(ended)")
                            } else {
                                // Asked for: Firefox has no way to show a page the text of an ABORT.
                                #expect(ended["code"].string == "gateway-stopping", "\(ended)")
                                #expect(ended["reason"].string == "The gateway is stopping.")
                            }
                            page.stop()
                            _ = try await page.step("again")
                        }
                    }
                    #expect(report.error == nil)
                }
            }
        }
    }
}
