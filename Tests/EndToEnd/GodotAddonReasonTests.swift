import Foundation
import Testing

extension BrowserTests.GodotAddon {
    /// What the Godot add-on says when it does not get in or is thrown out, and what it leaves behind when it goes.
    @Suite struct GodotAddonReasonTests {
        @Test(.requires(.godot4)) func withoutWebRTCItSaysWhatNativePlayersDo() async throws {
            try await GodotExample.current.run("example.gd") { player in
                player.command("torii http://127.0.0.1:1/join/world")
                let failed = try await player.event("failed")
                #expect(failed["reason"].string?.hasPrefix("This Godot has no WebRTC") == true, "\(failed)")
                try await Self.nothingIsLeft(in: player)
            }
        }

        @Test(.requires(.chromium, .godot4)) func aRefusalIsToldAsTheGatewayPutsIt() async throws {
            let reasons = [
                ("not-a-url", "\"not-a-url\" is no URL of a route; one looks like https://play.example.org/"),
                ("/join/world", "\"/join/world\" is no URL of a route; one looks like https://play.example.org/"),
                ("GATEWAY/join/elsewhere", "There is no route of this name; the gateway's --route options name them."),
                ("GATEWAY/join/world?peer=4", "The query parameter \"peer\" is unknown; /join takes"),
                ("GATEWAY/elsewhere", "There is nothing at this path; players join at /join/ROUTE."),
                ("http://127.0.0.1:1/join/world", "The gateway could not be reached."),
            ]
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                try await GodotExample.current.webPlayer(in: .chromium) { web, _ in
                    for (url, reason) in reasons {
                        let position = web.position
                        web.command("torii \(url.replacing("GATEWAY", with: gateway.origin))")
                        let failed = try await web.event("failed", from: position)
                        #expect(failed["reason"].string?.hasPrefix(reason) == true, "\(url): \(failed)")
                        try await Self.nothingIsLeft(in: web)
                    }
                    #expect(web.events("failed").count == reasons.count)
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
                    // What knows no reason came before.
                    let lines = web.lines.entries
                    let word = try #require(lines.firstIndex { $0 == "The server did not answer." })
                    #expect(try #require(lines.firstIndex { $0.contains("No connection came about") }) > word)
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

        /// The gateway answers, but the browser makes nothing of it.
        @Test(.requires(.chromium, .godot4)) func aBrowserWithoutAnOfferIsGivenUp() async throws {
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                try await GodotExample.current.webPlayer(in: .chromium, ["--timeout", "3"], page: ["mute": "yes"]) {
                    web, _ in
                    web.command("torii \(gateway.join("world"))")
                    let failed = try await web.event("failed")
                    #expect(failed["reason"].string == "The browser made no connection in time.")
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
                let lines = web.lines.entries
                let word = try #require(lines.firstIndex { $0 == "The server is gone." })
                let reason = try #require(lines.firstIndex { $0.contains("The game server disconnected the player") })
                #expect(word < reason)
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

        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func everyWayToGoEndsTheSession(browser: Browser) async throws {
            try await whilePlaying(browser) { web, front, gateway, server in
                var before = 0
                for way in ["leave", "close", "forget"] {
                    if before > 0 {
                        let position = web.position
                        web.command("torii \(front.origin)/join/world")
                        try await web.event("joined", from: position)
                    }
                    let id = try await server.event("peer_connected", from: before)["id"].int
                    before = server.position
                    let (requests, log) = (front.requests.entries.count, gateway.process.errors.entries.count)
                    web.command(way)
                    try await server.event("peer_disconnected", from: before) { $0["id"].int == id }
                    // By the add-on's request or by the browser's own last words, whichever is there first.
                    _ = try await front.requests.first("the add-on's request, \(way)", from: requests) {
                        $0.method == "DELETE"
                    }
                    let ended = try await gateway.ended(from: log)
                    #expect(["player-left", "browser-closed"].contains(ended["reason"]), "\(way)")
                    try await Self.nothingIsLeft(in: web)
                    #expect(web.events("left").isEmpty, "\(way)")
                }
            }
        }

        /// The gateway made a session, and its answer is on its way when the player leaves: that session is ended, and the
        /// browser's side is closed at once.
        @Test(.requires(.chromium, .godot4)) func anAnswerThatComesTooLateLeavesNoSession() async throws {
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"]) { gateway in
                try await HTTPFront.running { front in
                    front.lead(to: gateway)
                    front.nextJoins(.late)
                    try await GodotExample.current.webPlayer(in: .chromium) { web, page in
                        web.command("torii \(front.origin)/join/world")
                        _ = try await gateway.process.errors.first("a joined session") { $0.contains(" joined") }
                        web.command("leave")
                        _ = try await page.step("closed")
                        front.answerLate()
                        let ended = try await gateway.ended()
                        #expect(ended["reason"] == "player-left")
                        try await Self.nothingIsLeft(in: web)
                        #expect(web.events("failed").isEmpty && web.events("left").isEmpty)
                    }
                }
            }
        }

        /// Who is thrown out and leaves while the gateway is asked why has left, and wants no reason any more.
        @Test(.requires(.chromium, .godot4)) func whoLeavesMeanwhileHearsNoReason() async throws {
            try await whilePlaying(.chromium) { web, front, _, server in
                let joined = try await server.event("peer_connected")
                front.nextQuestions(.late)
                server.command("kick \(try #require(joined["id"].int))")
                try await Self.leave(web, whileAskedBehind: front)
            }
        }

        /// The same while nothing has come of joining.
        @Test(.requires(.chromium, .godot4)) func whoGivesUpMeanwhileHearsNoReason() async throws {
            let options = ["--advertise", "127.0.0.1:\(try UnusedPort.udp())", "--tcp", "off"]
            try await GatewayProgram.serving(["world=enet://127.0.0.1:9"], options: options) { gateway in
                try await HTTPFront.running { front in
                    front.lead(to: gateway)
                    try await GodotExample.current.webPlayer(in: .chromium, ["--timeout", "3"]) { web, _ in
                        front.nextQuestions(.late)
                        web.command("torii \(front.origin)/join/world")
                        try await Self.leave(web, whileAskedBehind: front)
                    }
                }
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

        /// Leaves once the gateway has been asked why the session ended, and before its answer is there: nothing is told then.
        private static func leave(_ player: ServerProgram, whileAskedBehind front: HTTPFront) async throws {
            _ = try await front.requests.first("the question") { $0.isQuestion }
            let position = player.position
            player.command("leave")
            player.command("sessions")
            #expect(try await player.event("sessions", from: position)["count"].int == 1)
            front.answerLate()
            try await nothingIsLeft(in: player)
            #expect(player.events("failed").isEmpty && player.events("left").isEmpty)
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
