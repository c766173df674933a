import Foundation
import Testing

extension BrowserTests {
    /// Pages whose UDP gets nowhere: what answers name for UDP is an address at which nobody is.
    @Suite struct TCPTests {
        static let arguments: [(Browser, NetworkNamespace.Family)] = [
            (.chromium, .ipv4), (.firefox, .ipv4), (.firefox, .ipv6),
        ]

        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: arguments)
        func playersJoinByTCP(browser: Browser, family: NetworkNamespace.Family) async throws {
            try await withoutUDP(family) { namespace, gateway, server in
                let report = try await browser.run("echo", "stats", join: gateway.join("world"))
                #expect(report.error == nil)
                let pair = try #require(report.details("pair").first)
                #expect(pair["remote"]["protocol"].string == "tcp", "\(pair)")
                #expect(pair["remote"]["address"].string == namespace.address, "\(pair)")
                #expect(pair["remote"]["port"].int == Int(gateway.tcpPort), "\(pair)")
                // Firefox does not always send its last words before it closes the connection.
                try await server.event("disconnected", within: .seconds(40))
                let ended = try await gateway.ended()
                #expect(["browser-closed", "browser-vanished"].contains(ended["reason"]))
            }
        }

        /// The connection is destroyed in the middle of the game; the browser opens another, and each message still comes
        /// back, once and in order.
        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available)
        func aBrokenConnectionLosesNothing(browser: Browser) async throws {
            try await withoutUDP(.ipv4) { namespace, gateway, _ in
                let report = try await browser.run("echo", "endure", join: gateway.join("world")) { page in
                    _ = try await page.step("enduring")
                    try await namespace.destroyConnections(from: gateway.tcpPort)
                    let moved = try await gateway.process.errors.first("the new connection") { $0.contains(" moved ") }
                    #expect(moved.contains(" transport=tcp"))
                    page.stop()
                }
                #expect(report.error == nil)
                #expect(report.details("endured").count == 1)
            }
        }

        /// Large messages and bursts, of which nothing reliable may be lost.
        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available, ["sizes", "count"])
        func everyMessageComesBackUnchanged(browser: Browser, scenario: String) async throws {
            try await withoutUDP(.ipv4) { _, gateway, _ in
                let report = try await browser.run("echo", scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
            }
        }

        /// The gateway's last words arrive by TCP as they do by UDP, and end the connections.
        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available)
        func aKickReachesThePage(browser: Browser) async throws {
            try await withoutUDP(.ipv4) { _, gateway, _ in
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

        @Test(.requires(.networkNamespaces, .chromium, .firefox), arguments: Browser.available)
        func aGatewayThatStopsTellsThePage(browser: Browser) async throws {
            try await withoutUDP(.ipv4) { _, gateway, server in
                let report = try await browser.run("echo", "stay", join: gateway.join("world")) { page in
                    _ = try await page.step("staying")
                    gateway.process.signal(SIGINT)
                }
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                try await server.event("disconnected")
                let exit = try await gateway.process.exit()
                #expect(exit == .code(0))
            }
        }

        private func withoutUDP(
            _ family: NetworkNamespace.Family,
            _ body: (NetworkNamespace, GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await NetworkNamespace.running(family) { namespace in
                try await ENetProgram.echoServer { server, port in
                    let nobody = family == .ipv4 ? "10.77.0.99" : "fd00:77::99"
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)?profile=channels"],
                        options: [
                            "--advertise", nobody, "--advertise-tcp", namespace.address, "--consent-timeout", "10",
                        ]
                    ) { gateway in
                        try await body(namespace, gateway, server)
                    }
                }
            }
        }
    }
}
