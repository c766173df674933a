import Foundation
import Testing

extension BrowserTests {
    /// What the Godot add-on says when it does not get in or is thrown out, and what it leaves behind when it goes.
    @Suite(.withGodotExample) struct GodotAddonReasonTests {
        @Test(.requires(.godot4)) func withoutWebRTCItSaysWhatNativePlayersDo() async throws {
            try await GodotExample.current.run("example.gd") { player in
                player.command("torii http://127.0.0.1:1/join/world")
                let failed = try await player.event("failed")
                #expect(failed["reason"].string?.hasPrefix("This Godot has no WebRTC") == true, "\(failed)")
                try await Self.nothingIsLeft(in: player)
            }
        }

        @Test(
            .requires(.chromium, .godot4),
            arguments: [
                ("not-a-url", "\"not-a-url\" is no URL of a route; one looks like https://play.example.org/"),
                ("/join/world", "\"/join/world\" is no URL of a route; one looks like https://play.example.org/"),
                ("GATEWAY/join/elsewhere", "There is no route of this name; the gateway's --route options name them."),
                ("GATEWAY/join/world?peer=4", "The query parameter \"peer\" is unknown; /join takes"),
                ("GATEWAY/elsewhere", "There is nothing at this path; players join at /join/ROUTE."),
                ("http://127.0.0.1:1/join/world", "The gateway could not be reached."),
            ])
        func aRefusalIsToldAsTheGatewayPutsIt(url: String, reason: String) async throws {
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                try await GodotExample.current.webPlayer(in: .chromium) { web, _ in
                    web.command("torii \(url.replacing("GATEWAY", with: gateway.origin))")
                    let failed = try await web.event("failed")
                    #expect(failed["reason"].string?.hasPrefix(reason) == true, "\(failed)")
                    try await Self.nothingIsLeft(in: web)
                    #expect(web.events("joined").isEmpty)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aServerThatIsNotThereIsNamed(browser: Browser) async throws {
            let port = try UnusedPort.udp()
            try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)"]) { gateway in
                try await GodotExample.current.webPlayer(in: browser) { web, _ in
                    web.command("torii \(gateway.join("world"))")
                    // `failed` or `left`: the data channels may open before the gateway knows.
                    let sentence = "The game server did not answer; it is not running at that address, or it is full."
                    _ = try await web.lines.first("the reason") { $0.contains("\"reason\":\"\(sentence)\"") }
                    try await Self.nothingIsLeft(in: web)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func whereNoDatagramArrivesJoiningEnds(browser: Browser) async throws {
            let nobody = try UnusedPort.udp()
            let options = ["--advertise", "127.0.0.1:\(nobody)", "--tcp", "off"]
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"], options: options) { gateway in
                try await GodotExample.current.webPlayer(in: browser, ["--timeout", "3"]) { web, _ in
                    web.command("torii \(gateway.join("world"))")
                    let failed = try await web.event("failed")
                    #expect(
                        failed["reason"].string
                            == "No connection came about in time: neither UDP nor TCP gets through.")
                    _ = try await web.lines.first("the MultiplayerAPI's word") { $0 == "The server did not answer." }
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "player-left")
                    try await Self.nothingIsLeft(in: web)
                }
            }
        }

        @Test(.requires(.chromium, .godot4)) func aSilentGatewayIsGivenUp() async throws {
            try await SilentServer.running { silent in
                let options = ["--timeout", "1", "--token", "open-sesame"]
                try await GodotExample.current.webPlayer(in: .chromium, options) { web, _ in
                    web.command("torii http://127.0.0.1:\(silent.port)/join/world")
                    let failed = try await web.event("failed")
                    #expect(failed["reason"].string == "The gateway did not answer in time.")
                    _ = try await silent.lines.first("the token") { $0 == "Authorization: Bearer open-sesame" }
                    try await Self.nothingIsLeft(in: web)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func whoIsKickedHearsWhy(browser: Browser) async throws {
            try await whilePlaying(browser) { web, _, _, server in
                let joined = try await server.event("peer_connected")
                server.command("kick \(try #require(joined["id"].int))")
                let left = try await web.event("left")
                #expect(left["reason"].string == "The game server disconnected the player (data 0).")
                // What knows no reason came before.
                _ = try await web.lines.first("the MultiplayerAPI's word") { $0 == "The server is gone." }
                #expect(web.events("failed").isEmpty)
                try await Self.nothingIsLeft(in: web)
            }
        }

        /// A game that is paused goes on for everybody else, and ends all the same.
        @Test(.requires(.chromium, .godot4)) func whoIsKickedWhilePausedHearsWhy() async throws {
            try await whilePlaying(.chromium) { web, _, _, server in
                let joined = try await server.event("peer_connected")
                web.command("pause")
                try await web.event("paused")
                server.command("kick \(try #require(joined["id"].int))")
                let left = try await web.event("left")
                #expect(left["reason"].string == "The game server disconnected the player (data 0).")
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aGatewayThatStopsSaysSo(browser: Browser) async throws {
            try await whilePlaying(browser) { web, _, gateway, server in
                try await server.event("peer_connected")
                gateway.process.signal(SIGINT)
                let left = try await web.event("left")
                #expect(left["reason"].string == "The gateway is stopping.")
                try await server.event("peer_disconnected")
                try await Self.nothingIsLeft(in: web)
                let exit = try await gateway.process.exit()
                #expect(exit == .code(0))
            }
        }

        /// What a proxy says for itself is for people who look at pages.
        @Test(.requires(.chromium, .godot4)) func aProxysPageIsNotShown() async throws {
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                try await HTTPFront.running { front in
                    front.lead(to: gateway)
                    front.nextJoins(.answeredWithPage(502))
                    try await GodotExample.current.webPlayer(in: .chromium) { web, _ in
                        web.command("torii \(front.origin)/join/world")
                        let failed = try await web.event("failed")
                        #expect(failed["reason"].string == "The gateway answered 502.")
                        try await Self.nothingIsLeft(in: web)
                    }
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available, ["leave", "close", "forget"])
        func everyWayToGoEndsTheSession(browser: Browser, way: String) async throws {
            try await whilePlaying(browser) { web, front, gateway, server in
                let id = try await server.event("peer_connected")["id"].int
                web.command(way)
                try await server.event("peer_disconnected") { $0["id"].int == id }
                // By the add-on's request or by the browser's own last words, whichever is there first.
                _ = try await front.requests.first("the add-on's request") { $0.method == "DELETE" }
                let ended = try await gateway.ended()
                #expect(["player-left", "browser-closed"].contains(ended["reason"]))
                try await Self.nothingIsLeft(in: web)
                #expect(web.events("left").isEmpty)
            }
        }

        /// Before the answer there is nothing to end yet, and then there is.
        @Test(.requires(.chromium, .godot4)) func whoLeavesWhileJoiningLeavesNoSession() async throws {
            try await GodotProgram.server4 { _, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)"]) { gateway in
                    try await GodotExample.current.webPlayer(in: .chromium) { web, _ in
                        for _ in 0..<5 {
                            web.command("torii \(gateway.join("world"))")
                            web.command("leave")
                            try await Self.nothingIsLeft(in: web)
                        }
                        web.command("torii \(gateway.join("world"))")
                        try await web.event("joined")
                        let sessions = gateway.process.errors.entries.count { $0.contains(" joined") }
                        let ends = gateway.process.errors.entries.count { $0.contains(" ended: ") }
                        #expect(ends == sessions - 1)
                        #expect(web.events("failed").isEmpty && web.events("left").isEmpty)
                    }
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .coturn, .godot4), arguments: Browser.available)
        func theConnectionGetsTheGatewaysTurnServers(browser: Browser) async throws {
            try await TurnServer.running { turn in
                try await GodotProgram.server4 { server, port in
                    try await GatewayProgram.serving(
                        ["world=enet://127.0.0.1:\(port)"], options: turn.options(["udp"])
                    ) { gateway in
                        let options = ["--channels", "reliable,ordered,unreliable"]
                        try await GodotExample.current.webPlayer(in: browser, options) { web, _ in
                            web.command("torii \(gateway.join("world"))")
                            try await server.event("peer_connected")
                        } report: { report in
                            let servers = try #require(report.details("created").first?["iceServers"].array)
                            #expect(servers.count == 1)
                            #expect(servers[0]["credential"].string?.isEmpty == false)
                            let channels = report.details("channel")
                            #expect(channels.map { $0["options"]["id"].int } == [1, 2, 3, 4, 5, 6])
                            #expect(channels.map { $0["retransmits"].int } == [nil, 0, 0, nil, 0, 0])
                        }
                    }
                }
            }
        }

        private func whilePlaying(
            _ browser: Browser, _ body: (ServerProgram, HTTPFront, GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4 { server, port in
                try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)"]) { gateway in
                    try await HTTPFront.running { front in
                        front.lead(to: gateway)
                        try await GodotExample.current.webPlayer(in: browser) { web, _ in
                            web.command("torii \(front.origin)/join/world")
                            try await web.event("joined")
                            try await body(web, front, gateway, server)
                        }
                    }
                }
            }
        }

        /// Asks until the last session's node is gone.
        private static func nothingIsLeft(in player: ServerProgram) async throws {
            for _ in 0..<1_000 {
                let position = player.position
                player.command("sessions")
                if try await player.event("sessions", from: position)["count"].int == 0 { return }
            }
            Issue.record("a session is left")
        }
    }
}
