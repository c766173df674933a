import Foundation
import Testing

extension BrowserTests {
    /// The script that the Godot add-on runs in the page (Signaling/godot/addons/torii/page.gd), in pages that do with their
    /// connection what Godot's web export does.
    @Suite struct GodotShimTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func withoutTheShimAllThatAPageSendsIsReliable(browser: Browser) async throws {
            let channels = try await channels(in: browser, shim: nil)
            #expect(channels.map { $0["stream"].int }.prefix(6) == [1, 2, 3, 4, 5, 6])
            for channel in channels.prefix(6) {
                #expect(channel["lifetime"] == .null, "\(channel)")
                #expect(channel["retransmits"] == .null, "\(channel)")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func withTheShimChannelsAreWhatTheGameMeant(browser: Browser) async throws {
            let before = try await channels(in: browser, shim: nil)
            let after = try await channels(in: browser, shim: Self.shim())
            let limits: [Int?] = [nil, 0, 0, nil, 0, 0]
            for (channel, limit) in zip(after, limits) {
                #expect(channel["retransmits"].int == limit, "\(channel)")
                #expect(channel["lifetime"] == .null, "\(channel)")
            }
            for (one, other) in zip(before, after).prefix(6) {
                for name in ["stream", "ordered", "label", "negotiated"] { #expect(one[name] == other[name]) }
            }
            #expect(before[6..<10] == after[6..<10])
            #expect(after[10]["lifetime"].int == 300)
        }

        /// Datagrams of more than 650 bytes get lost, and each packet of the page is in one of its own.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: [true, false])
        func whatGetsLostIsSentAgainOnlyWithoutTheShim(hasShim: Bool) async throws {
            // What is waited for is SCTP's timer, so both wait at once.
            try await Browser.atOnce { browser in
                try await withRelay { gateway, relay, server in
                    var parameters = ["peer_id": "2001"]
                    parameters["shim"] = hasShim ? try Self.shim() : nil
                    let report = try await browser.run(
                        "godot-shim", "lost", join: gateway.join("world"), parameters: parameters
                    ) { page in
                        _ = try await page.step("entered")
                        relay.lose(largerThan: 650)
                        page.stop()
                        _ = try await page.step("sent")
                        let isReliable: @Sendable (Int) -> Bool = { $0 >= 1_000 }
                        if hasShim {
                            let sizes = try await relay.losses.first("repetitions of the reliable packet") {
                                $0.count(where: isReliable) == 3
                            }
                            #expect(sizes.count { !isReliable($0) } == 4, "\(sizes)")
                        } else {
                            _ = try await relay.losses.first("repetitions of the others") {
                                $0.count { !isReliable($0) } == 5
                            }
                        }
                        relay.lose(largerThan: nil)
                        page.stop()
                    }
                    #expect(report.error == nil)
                    // The reliable one arrives, whatever became of the others.
                    try await server.event("raw") { $0["size"].int == 1_000 }
                    #expect(!hasShim || !server.events("raw").contains { $0["size"].int == 700 })
                }
            }
        }

        /// Browsers say goodbye for a tab that is closed, so nothing in the page need do so.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aClosedTabEndsItsSession(browser: Browser) async throws {
            try await withRelay { gateway, _, _ in
                let report = try await browser.run(
                    "godot-shim", "playing", join: gateway.join("world"),
                    parameters: ["peer_id": "2002", "shim": Self.shim()])
                #expect(report.error == nil)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
            }
        }

        private func channels(in browser: Browser, shim: String?) async throws -> [JSONValue] {
            var parameters: [String: String] = [:]
            parameters["shim"] = shim
            let report = try await browser.run(
                "godot-shim", "channels", join: "http://127.0.0.1/", parameters: parameters)
            #expect(report.error == nil)
            let channels = try #require(report.details("made").first?.array)
            #expect(channels.count == 11)
            return channels
        }

        private func withRelay(
            _ body: (GatewayProgram, LossyRelay, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4 { server, port in
                try await LossyRelay.running(seed: 1) { relay in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)"],
                        options: ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off"]
                    ) { gateway in
                        relay.forward(to: gateway.udpPort)
                        try await body(gateway, relay, server)
                    }
                }
            }
        }

        /// The page's script as it stands in the add-on.
        static func shim() throws -> String {
            let script = try String(
                contentsOfFile: Checkout.path("Signaling/godot/addons/torii/page.gd"), encoding: .utf8)
            let parts = script.components(separatedBy: "\"\"\"")
            #expect(parts.count == 3)
            return try #require(parts.dropFirst().first)
        }
    }
}
