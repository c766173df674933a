import Testing

extension BrowserTests {
    /// Profile `godot4`: a page that behaves as Godot's web export does, and a real Godot 4.6 server.
    @Suite struct GodotTests {
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func callsAndBytesMakeTheRoundTripInEveryMode(browser: Browser) async throws {
            try await withGodot(["--observe"]) { gateway, server in
                for (scenario, id) in [("world", 4_242), ("raw", 4_243)] {
                    let report = try await browser.run(
                        "godot", scenario, join: gateway.join("world"), parameters: ["peer_id": "\(id)"])
                    #expect(report.error == nil, "\(scenario)")
                    try await server.event("peer_connected") { $0["id"].int == id }
                    try await server.event("peer_disconnected") { $0["id"].int == id }
                }
                let kinds: Set = ["reliable 0", "ordered 0", "unreliable 0", "reliable 1"]
                #expect(server.arrivals(from: 4_242) == kinds)
                // What a page sends ordered on a transfer channel of its own, nothing tells from what is reliable.
                #expect(server.arrivals(from: 4_243) == kinds.union(["reliable 2", "unreliable 3"]))
            }
        }

        @Test(.requires(.chromium, .godot4)) func theGatewayChoosesAPeerID() async throws {
            try await withGodot { gateway, server in
                let report = try await Browser.chromium.run("godot", "world", join: gateway.join("world"))
                #expect(report.error == nil)
                let id = try #require(report.details("entered").first?["id"].int)
                #expect((2...2_147_483_647).contains(id))
                try await server.event("peer_connected") { $0["id"].int == id }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aWebAndANativePlayerMeet(browser: Browser) async throws {
            try await withGodot { gateway, server in
                let port = try #require(server.listeningPort)
                try await GodotProgram.client4(port: port, ["--stay", "--name", "native"]) { native in
                    let nativeID = try await native.number(after: "READY")
                    let report = try await browser.run(
                        "godot", "relay", join: gateway.join("world"),
                        parameters: ["peer_id": "5005", "other": "\(nativeID)"])
                    #expect(report.error == nil)
                    try await native.event("peer_connected") { $0["id"].int == 5_005 }
                    try await native.event("peer_disconnected") { $0["id"].int == 5_005 }
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aKickReachesThePage(browser: Browser) async throws {
            try await withGodot { gateway, _ in
                let report = try await browser.run(
                    "godot", "kick", join: gateway.join("world"), parameters: ["peer_id": "31"])
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-closed")
            }
        }

        @Test(.requires(.chromium, .godot4)) func aPeerIDInUseIsRefused() async throws {
            try await withGodot { gateway, server in
                let parameters = ["peer_id": "4242"]
                let first = try await Browser.chromium.run(
                    "godot", "stay", join: gateway.join("world"), parameters: parameters
                ) { page in
                    _ = try await page.step("entered")
                    let second = try await Browser.chromium.run(
                        "godot", "duplicate", join: gateway.join("world"), parameters: parameters)
                    #expect(second.error == nil)
                    #expect(second.details("refused").first?["status"].int == 409)
                    server.command("kick 4242")
                }
                #expect(first.error == nil)
            }
        }

        /// For the id of a native player, which only the server knows, and for one that takes nobody now: it answers CONNECT
        /// and then forgets the peer.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: [true, false])
        func aSilentRefusalIsFoundInTime(idIsTaken: Bool) async throws {
            // What is waited for is a timeout, so both wait at once.
            try await Browser.atOnce { browser in
                try await withGodot { gateway, server in
                    let port = try #require(server.listeningPort)
                    try await GodotProgram.client4(port: port, ["--stay", "--name", "native"]) { native in
                        let nativeID = try await native.number(after: "READY")
                        if !idIsTaken {
                            server.command("refuse")
                            try await server.event("obeyed")
                        }
                        let report = try await browser.run(
                            "godot", "unreachable", join: gateway.join("world"),
                            parameters: ["peer_id": idIsTaken ? "\(nativeID)" : "77"])
                        #expect(report.error == nil, "\(browser)")
                        let seen = try #require(report.details("ended").first)
                        #expect(seen["how"] == .string("channels closed"), "\(browser)")
                        // Firefox has no way to show a page the text of an ABORT.
                        let isTold = seen.description.contains("The game server refused this player")
                        #expect(browser == .firefox || isTold)
                        let ended = try await gateway.ended()
                        #expect(ended["reason"] == "server-refused", "\(browser)")
                        // From the offer on, 3 s of them waiting for the acknowledgement that never comes.
                        #expect(try #require(ended["after_ms"].flatMap { Int($0) }) < 10_000, "\(browser)")
                    }
                }
            }
        }

        @Test(.requires(.chromium, .godot4), arguments: ["0", "1", "2147483648", "ten"])
        func aPeerIDOutOfRangeIsRefused(id: String) async throws {
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                let report = try await Browser.chromium.run(
                    "godot", "refused", join: gateway.join("world"), parameters: ["peer_id": id, "status": "400"])
                #expect(report.error == nil)
            }
        }

        @Test(.requires(.chromium, .godot4)) func aBurstOfReliablePacketsArrivesWhole() async throws {
            try await withGodot { gateway, server in
                // 60 × 16,000 bytes at once: fifteen times what Godot's page can hold between two frames.
                let parameters = ["peer_id": "99", "mode": "reliable", "channel": "0", "count": "60"]
                let report = try await Browser.chromium.run(
                    "godot", "burst", join: gateway.join("world"), parameters: parameters
                ) { page in
                    _ = try await page.step("entered")
                    server.command("send 99 reliable 0 16000 60")
                }
                #expect(report.error == nil)
                #expect(report.details("received").first?["packets"].int == 60)
            }
        }

        /// A Godot 3 server gets packets as its own players send them, under the peer id the page chose: it drops those
        /// with another source.
        @Test(.requires(.chromium, .firefox, .godot3), arguments: Browser.available)
        func aGodot3PagePlays(browser: Browser) async throws {
            try await GodotProgram.server3 { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=godot3"]) { gateway in
                    let report = try await browser.run(
                        "godot", "godot3", join: gateway.join("world"), parameters: ["peer_id": "303"])
                    #expect(report.error == nil)
                    #expect(report.details("echo").compactMap { $0["stream"].int } == [1, 2, 3, 1])
                    try await server.event("peer_connected") { $0["id"].int == 303 }
                    try await server.event("raw") { $0["from"].int == 303 && $0["size"].int == 50_009 }
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "server-closed")
                }
            }
        }

        private func withGodot(
            _ arguments: [String] = [], _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4(arguments) { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)"]) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}

extension ServerProgram {
    /// The port it said it listens on.
    var listeningPort: Int? {
        lines.entries.first { $0.hasPrefix("LISTENING ") }.flatMap { Int($0.dropFirst("LISTENING ".count)) }
    }
}
