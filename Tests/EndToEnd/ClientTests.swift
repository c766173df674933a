import Foundation
import Testing

extension BrowserTests {
    /// Signaling/client/torii.js as pages use it, taken from the gateway.
    @Suite struct ClientTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aPagePlaysAndLeaves(browser: Browser) async throws {
            try await withEcho { gateway, server in
                let report = try await browser.run("client", "play", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("closed").first?["code"].string == "page-left")
                try await server.event("packet") { $0["channel"].int == 0 && $0["kind"].string == "reliable" }
                try await server.event("packet") { $0["channel"].int == 1 && $0["kind"].string == "unsequenced" }
                try await server.event("disconnected") { $0["data"].int == 7 }
            }
        }

        private func withEcho(
            _ options: [String] = [], _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await ENetProgram.echoServer { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                try await GatewayProgram.serving([route], options: options) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
