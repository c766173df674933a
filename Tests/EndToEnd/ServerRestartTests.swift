import Testing

extension BrowserTests {
    /// A server is killed, which says goodbye to nobody, and starts again on its port while its players stay in their
    /// pages.
    @Suite struct ServerRestartTests {
        @Test(.requires(.chromium, .firefox)) func playersOfAPlainServerJoinAgain() async throws {
            try await Browser.atOnce { browser in
                try await ENetProgram.echoServer { server, port in
                    try await restarting(server, port, browser, page: "echo", options: "?profile=channels") { body in
                        try await ENetProgram.echoServer(port: port) { server, _ in
                            try await body()
                            try await server.event("disconnected")
                        }
                    }
                }
            }
        }

        /// Under the peer id they had.
        @Test(.requires(.chromium, .firefox, .godot4)) func playersOfAGodotServerJoinAgain() async throws {
            try await Browser.atOnce { browser in
                try await GodotProgram.server4 { server, port in
                    try await restarting(server, port, browser, page: "godot") { body in
                        try await GodotProgram.server4(["--port", "\(port)"]) { server, _ in
                            try await body()
                            try await server.event("peer_connected") { $0["id"].int == 2_020 }
                            try await server.event("peer_disconnected") { $0["id"].int == 2_020 }
                        }
                    }
                }
            }
        }

        /// - Parameter again: runs what it is given while a new server listens on that port.
        private func restarting(
            _ server: ServerProgram, _ port: Int, _ browser: Browser, page: String, options: String = "",
            again: (() async throws -> Void) async throws -> Void
        ) async throws {
            let route = "world=enet://127.0.0.1:\(port)\(options)"
            // There is room for one session, so that one which outlived its server would keep the page out.
            try await GatewayProgram.serving([route], options: ["--max-sessions", "1"]) { gateway in
                let report = try await browser.run(
                    page, "rejoin", join: gateway.join("world"),
                    parameters: page == "godot" ? ["peer_id": "2020"] : [:]
                ) { page in
                    _ = try await page.step("staying")
                    await server.process.end()
                    try await again { _ = try await page.step("left") }
                }
                #expect(report.error == nil)
                expectToldWhy(report, browser)
                let vanished = try await gateway.ended()
                #expect(vanished["reason"] == "server-vanished")
                _ = try await gateway.process.errors.first("the second session's end") {
                    $0.contains("reason=browser-closed")
                }
                #expect(try GatewayProgram.socketsConnected(to: port) == 0)
            }
        }

        private func expectToldWhy(_ report: Browser.Report, _ browser: Browser) {
            let status = report.details("status").first
            #expect(status?["state"].string == "ended")
            #expect(status?["code"].string == "server-vanished")
            #expect(status?["reason"].string == "The game server stopped answering.")
            let ended = report.details("ended").first
            #expect(ended?["how"].string == "channels closed")
            guard browser == .chromium else { return }
            // Firefox has no way to show a page the text of an ABORT.
            let errors = ended?["errors"].array ?? []
            #expect(errors.contains { $0["message"].string?.contains("The game server stopped answering.") == true })
        }
    }
}
