import Foundation
import Testing

extension BrowserTests {
    /// Either side leaving is seen by the other, and the log says why.
    @Suite struct EndingTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func closingThePageReachesTheServer(browser: Browser) async throws {
            try await withEcho { gateway, server in
                let report = try await browser.run("echo", "close", join: gateway.join("world"))
                #expect(report.error == nil)
                try await server.event("disconnected")
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
            }
        }

        /// The browser is killed: nothing tells the gateway but the checks that stop coming.
        @Test(.requires(.chromium)) func aKilledBrowserIsNoticed() async throws {
            try await withEcho(["--consent-timeout", "10"]) { gateway, server in
                // `staying` never ends, so the browser is killed in the middle by the end of the closure.
                await #expect(throws: Killed.self) {
                    try await Browser.chromium.run("echo", "stay", join: gateway.join("world")) { page in
                        _ = try await page.step("staying")
                        throw Killed()
                    }
                }
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-vanished")
                try await server.event("disconnected")
            }
        }

        private struct Killed: Error {}

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func deletingTheSessionEndsBothSides(browser: Browser) async throws {
            try await withEcho { gateway, server in
                let report = try await browser.run("echo", "remove", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("deleted again").first?["status"].int == 404)
                try await server.event("disconnected")
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "player-left")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aKickReachesThePage(browser: Browser) async throws {
            try await withEcho { gateway, _ in
                let report = try await browser.run("echo", "kick", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-closed")
                guard browser == .chromium else { return }
                // Firefox has no way to show a page the text of an ABORT.
                let errors = report.details("ended").first?["errors"].array ?? []
                #expect(
                    errors.contains { error in
                        error["message"].string?.contains("The game server disconnected the player") == true
                    })
            }
        }

        @Test(.requires(.chromium)) func aServerThatDiesIsNoticed() async throws {
            try await withEcho { gateway, server in
                let report = try await Browser.chromium.run("echo", "stay", join: gateway.join("world")) { page in
                    _ = try await page.step("staying")
                    server.process.signal(SIGKILL)
                }
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-vanished")
            }
        }

        @Test(.requires(.chromium)) func aServerThatIsNotThereIsNoticed() async throws {
            let port = try UnusedPort.udp()
            try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=godot4"]) { gateway in
                let report = try await Browser.chromium.run(
                    "godot", "unreachable", join: gateway.join("world"), parameters: ["peer_id": "77"])
                #expect(report.error == nil)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-not-there")
            }
        }

        @Test(.requires(.chromium)) func aGatewayThatStopsTellsBothSides() async throws {
            try await withEcho { gateway, server in
                let report = try await Browser.chromium.run("echo", "stay", join: gateway.join("world")) { page in
                    _ = try await page.step("staying")
                    gateway.process.signal(SIGINT)
                }
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                try await server.event("disconnected")
                let exit = try await gateway.process.exit()
                #expect(exit == .code(0))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "gateway-stopping")
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
