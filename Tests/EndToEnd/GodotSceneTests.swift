import Testing

extension BrowserTests {
    /// What a game makes of SceneMultiplayer, with web and native players in one world of a real Godot 4.6: nodes that the
    /// server spawns and synchronizes, calls and bytes on transfer channels of their own, authentication, the relay.
    @Suite struct GodotSceneTests {
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func everybodySeesTheSameStage(browser: Browser) async throws {
            try await withGodot { gateway, server in
                let port = try #require(server.listeningPort)
                try await GodotProgram.client4(port: port, ["--stay", "--name", "native"]) { native in
                    _ = try await native.number(after: "READY")
                    let report = try await browser.run(
                        "godot-scene", "stage", join: gateway.join("world"), parameters: ["peer_id": "1001"]
                    ) { page in
                        _ = try await page.step("changed")
                        try await native.event("spawned") { $0["figure"].string == "Columbine" }
                        try await native.event("mood_changed") { $0["mood"].string == "merry" }
                        native.command("bring_on Pierrot")
                        _ = try await page.step("met")
                        // The other browser, where there is one: the first stays where it is.
                        let late = Browser.available.first { $0 != browser } ?? browser
                        let second = try await late.run(
                            "godot-scene", "late", join: gateway.join("world"), parameters: ["peer_id": "1002"])
                        #expect(second.error == nil)
                        page.stop()
                        try await native.event("despawned") { $0["figure"].string == "Columbine" }
                    }
                    #expect(report.error == nil)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func callsOnExtraChannelsKeepTheirMode(browser: Browser) async throws {
            try await withGodot(["--observe"]) { gateway, server in
                let report = try await browser.run(
                    "godot-scene", "cues", join: gateway.join("world"), parameters: ["peer_id": "1003"])
                #expect(report.error == nil)
                // Nothing in a message on a channel of the page's own tells "unreliable ordered" from "reliable".
                for arrival in ["reliable 1", "reliable 2", "unreliable 3"] {
                    try await server.packet(from: 1_003, arrivingAs: arrival)
                }
                let modes = server.arrivals(from: 1_003)
                #expect(modes == ["reliable 0", "reliable 1", "reliable 2", "unreliable 3"])
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func largeAndEmptyPacketsArrive(browser: Browser) async throws {
            try await withGodot(["--observe"]) { gateway, server in
                let report = try await browser.run(
                    "godot-scene", "sizes", join: gateway.join("world"), parameters: ["peer_id": "1004"]
                ) { page in
                    _ = try await page.step("sent nothing")
                    for arrival in ["reliable 0", "ordered 0", "unreliable 0"] {
                        try await server.packet(from: 1_004, arrivingAs: arrival) { $0["size"].int == 0 }
                    }
                    for _ in 0..<5 { server.command("empty 1004") }
                }
                #expect(report.error == nil)
                for (arrival, size) in [
                    ("reliable 0", 60_004), ("reliable 1", 60_004), ("ordered 0", 5_004), ("ordered 3", 5_004),
                ] {
                    try await server.packet(from: 1_004, arrivingAs: arrival) { $0["size"].int == size }
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aPageAuthenticates(browser: Browser) async throws {
            try await withGodot(["--password", "harlequinade"]) { gateway, server in
                let parameters = ["peer_id": "1005", "password": "harlequinade", "admitted": "yes"]
                let report = try await browser.run(
                    "godot-scene", "newcomer", join: gateway.join("world"), parameters: parameters)
                #expect(report.error == nil)
                try await server.event("peer_connected") { $0["id"].int == 1_005 }
                try await server.event("peer_disconnected") { $0["id"].int == 1_005 }
            }
        }

        /// One answers wrongly, one not at all: the server ends both, the second after SceneMultiplayer's 3 s.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: ["wrong", nil])
        func aStrangerIsTurnedAway(password: String?) async throws {
            try await withGodot(["--password", "harlequinade"]) { gateway, server in
                try await Browser.atOnce { browser in
                    let id = browser == .chromium ? 1_006 : 1_007
                    var parameters = ["peer_id": "\(id)"]
                    parameters["password"] = password
                    let report = try await browser.run(
                        "godot-scene", "newcomer", join: gateway.join("world"), parameters: parameters)
                    #expect(report.error == nil)
                    let ended = try #require(report.details("ended").first)
                    #expect(ended["how"] == .string("channels closed"))
                    // Firefox has no way to show a page the text of an ABORT.
                    #expect(
                        browser == .firefox || ended.description.contains("The game server disconnected the player"))
                    try await server.event(password == nil ? "stranger_left" : "password") { $0["id"].int == id }
                }
                #expect(server.events("peer_connected").isEmpty)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-closed")
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func theRelayKeepsEveryModeBothWays(browser: Browser) async throws {
            let ways = ["reliable 0", "ordered 0", "unreliable 0", "reliable 1", "ordered 2", "unreliable 3"]
            try await withGodot { gateway, server in
                let port = try #require(server.listeningPort)
                try await GodotProgram.client4(port: port, ["--stay", "--observe"]) { native in
                    let id = try await native.number(after: "READY")
                    let report = try await browser.run(
                        "godot-scene", "relayed", join: gateway.join("world"),
                        parameters: ["peer_id": "1008", "other": "\(id)"]
                    ) { page in
                        _ = try await page.step("listening")
                        // More than once, as what is unreliable may be lost.
                        for _ in 0..<3 { for way in ways { native.command("raw 1008 \(way) hello") } }
                    }
                    #expect(report.error == nil)
                    // Relayed for peer 1008: a raw request.
                    let isRequest: @Sendable (JSONValue) -> Bool = {
                        $0["head"].string?.hasPrefix("0703f00300000365") ?? false
                    }
                    // As above: what the page sends ordered on a channel of its own is reliable.
                    let expected = Set(ways).subtracting(["ordered 2"]).union(["reliable 2"])
                    for arrival in expected {
                        try await native.packet(from: 1, arrivingAs: arrival, where: isRequest)
                    }
                    #expect(native.arrivals(from: 1, where: isRequest) == expected)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4)) func aServerThatQuitsIsSeenAtOnce() async throws {
            try await withGodot { gateway, server in
                let join = gateway.join("world")
                let first = try await Browser.chromium.run(
                    "godot", "stay", join: join, parameters: ["peer_id": "1009"]
                ) { page in
                    _ = try await page.step("entered")
                    let second = try await Browser.firefox.run(
                        "godot", "stay", join: join, parameters: ["peer_id": "1010"]
                    ) { page in
                        _ = try await page.step("entered")
                        server.command("quit")
                    }
                    #expect(second.error == nil)
                    #expect(second.details("ended").first?["how"] == .string("channels closed"))
                }
                #expect(first.error == nil)
                #expect(first.details("ended").first?["how"] == .string("channels closed"))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-closed")
            }
        }

        private func withGodot(
            _ arguments: [String] = [], _ body: @Sendable (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4(arguments) { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)"]) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
