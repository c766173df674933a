import Foundation
import Testing

extension BrowserTests {
    /// Data channels as such: of every kind, many, closed and opened again, under loss and before a server that sleeps.
    @Suite struct DataChannelTests {
        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available, ["modes", "mixed", "largest", "places"])
        func channelsBehave(browser: Browser, scenario: String) async throws {
            try await withEcho { gateway, _, _ in
                let report = try await browser.run("channels", scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
            }
        }

        /// The same id opens again, and the other channel never notices.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available, [0, 50])
        func aChannelIsClosedAndOpenedAgain(browser: Browser, lossPerMille: Int) async throws {
            try await withEcho(lossPerMille: lossPerMille) { gateway, _, relay in
                let report = try await browser.run(
                    "channels", "reopen", join: gateway.join("world"),
                    parameters: ["rounds": lossPerMille == 0 ? "100" : "40"])
                #expect(report.error == nil)
                #expect(report.details("reopened").first?["ids"].array?.count == 1)
                #expect(lossPerMille == 0 || relay.lost > 0)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func lastWordsArrive(browser: Browser) async throws {
            try await withEcho { gateway, server, _ in
                let report = try await browser.run("channels", "lastWords", join: gateway.join("world"))
                #expect(report.error == nil)
                try await server.event("disconnected")
                #expect(server.events("packet").count { $0["channel"].int == 9 } == 200)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aThousandChannels(browser: Browser) async throws {
            try await withEcho { gateway, _, _ in
                let report = try await browser.run(
                    "channels", "many", join: gateway.join("world"), parameters: ["count": "1000"])
                #expect(report.error == nil)
                #expect(report.details("opened").first?["count"].int == 1000)
            }
        }

        /// All closed in one go.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available, [100, 400])
        func manyAreClosedAtOnce(browser: Browser, count: Int) async throws {
            try await withEcho { gateway, _, _ in
                let report = try await browser.run(
                    "channels", "closeMany", join: gateway.join("world"), parameters: ["count": "\(count)"])
                #expect(report.error == nil)
            }
        }

        /// A server that takes nothing any more: the page is made to wait, the gateway's memory stays, and both sides
        /// hear why it ended.
        @Test(.requires(.chromium, .firefox)) func aSleepingServerStopsAFastPage() async throws {
            // What is waited for is a timeout, so both wait at once.
            try await Browser.atOnce { browser in
                try await withEcho { gateway, server, _ in try await stop(server, before: gateway, and: browser) }
            }
        }

        private func stop(
            _ server: ServerProgram, before gateway: GatewayProgram, and browser: Browser
        ) async throws {
            var before = 0
            let report = try await browser.run("channels", "flood", join: gateway.join("world")) { page in
                _ = try await page.step("flooding")
                before = try gateway.process.residentKilobytes
                server.process.signal(SIGSTOP)
            }
            server.process.signal(SIGCONT)
            #expect(report.error == nil, "\(browser)")
            let ended = try await gateway.ended()
            // Nothing is acknowledged, so ENet gives it up.
            #expect(ended["reason"] == "server-vanished", "\(browser)")
            // One session's queues, several times over; the page alone had 8 MB ready.
            #expect(try gateway.process.residentKilobytes - before < 8_000, "\(browser)")
            try await server.event("disconnected", within: .seconds(40))
        }

        private func withEcho(
            lossPerMille: Int = 0, _ body: (GatewayProgram, ServerProgram, LossyRelay) async throws -> Void
        ) async throws {
            try await ENetProgram.echoServer { server, port in
                try await LossyRelay.running(seed: 1) { relay in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)?profile=channels"],
                        options: lossPerMille > 0 ? ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off"] : []
                    ) { gateway in
                        relay.forward(to: gateway.udpPort, lossPerMille: lossPerMille)
                        try await body(gateway, server, relay)
                    }
                }
            }
        }
    }
}
