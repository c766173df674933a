import Foundation
import Testing

extension BrowserTests {
    /// Signaling/client/torii.js as pages use it, taken from the gateway, while nothing goes wrong.
    @Suite struct ClientTests {
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aPagePlaysAndLeaves(browser: Browser) async throws {
            try await ClientWorld.running { gateway, server in
                let report = try await browser.run("client", "play", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("closed").first?["code"].string == "page-left")
                let stats = try #require(report.details("stats").first)
                #expect(stats["remote"]["port"].int == Int(gateway.udpPort))
                #expect(stats["rttMs"].number.map { (0..<1000).contains($0) } == true)
                #expect(["host", "prflx"].contains(stats["candidateType"].string))
                #expect(stats["bytesSent"].int ?? 0 > 200 && stats["bytesReceived"].int ?? 0 > 200)
                // Firefox does not tell how many checks were answered.
                #expect(stats["loss"].number == (browser == .firefox ? nil : 0))
                try await server.event("packet") { $0["channel"].int == 0 && $0["kind"].string == "reliable" }
                try await server.event("packet") { $0["channel"].int == 1 && $0["kind"].string == "unsequenced" }
                // What was sent last arrives before the end.
                try await server.event("packet") { $0["channel"].int == 0 && $0["size"].int == "goodbye".utf8.count }
                try await server.event("disconnected") { $0["data"].int == 7 }
            }
        }

        /// The id of a player of Godot's, and what ENet's CONNECT tells other servers.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func theServerIsToldWhoComes(browser: Browser) async throws {
            try await ENetProgram.echoServer { server, port in
                let address = "enet://127.0.0.1:\(port)"
                let routes = ["godot=\(address)", "world=\(address)?profile=channels"]
                try await GatewayProgram.serving(routes) { gateway in
                    let report = try await browser.run(
                        "client", "named", join: gateway.join("world"), parameters: ["godot": gateway.join("godot")])
                    #expect(report.error == nil)
                    #expect(report.details("joined").map { $0["peerId"].int } == [4242, nil])
                    for data in [4242, 17] { try await server.event("connected") { $0["peer"].int == data } }
                }
            }
        }

        /// Where a route has several servers and lets pages choose.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aPagePlaysOnTheServerOfItsChoice(browser: Browser) async throws {
            try await ENetProgram.echoServer { first, firstPort in
                try await ENetProgram.echoServer { second, secondPort in
                    let servers = "enet://127.0.0.1:\(firstPort);name=eu-1,127.0.0.1:\(secondPort);name=eu-2"
                    let route = "world=\(servers)?profile=channels&choose=any"
                    try await GatewayProgram.serving([route]) { gateway in
                        let report = try await browser.run(
                            "client", "chooses", join: gateway.join("world"),
                            parameters: ["servers": "eu-2,eu-1,eu-2"])
                        #expect(report.error == nil)
                        #expect(report.details("refused").first?["status"].int == 404)
                        #expect([first, second].map { $0.events("connected").count } == [1, 2])
                    }
                }
            }
        }

        /// Which it is only when nothing waits any more, or when it has waited long enough.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whatWasSentGoesOutBeforeTheGoodbye(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "flushes", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("told").map { $0["waiting"].int } == [0, 1])
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func channelsComeAndGo(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "channels", join: gateway.join("world"))
                #expect(report.error == nil)
                let closed = report.details("closed")
                #expect(closed.compactMap { $0["code"].string } == ["page-left", "channel-closed"])
                #expect(closed.first?["left"] == .array([.string("chat"), .string("state")]))
                #expect(closed.last?["left"] == .array([.string("chat")]))
                #expect(report.details("refused").first?["name"].string == "InvalidStateError")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func messagesBeforeTheReturnAreKept(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "early", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("seen") == [.array([.string("open"), .string("early")])])
            }
        }

        /// Up to 4 MiB; of what is unreliable the rest is dropped, and without the rest of what is reliable there is no game.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whatIsKeptBeforeTheReturnHasABound(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let join = gateway.join("world")
                let reliable = try await browser.run(
                    "client-channels", "tooEarly", join: join, parameters: ["channel": "chat"])
                #expect(reliable.error == nil)
                let failure = try #require(reliable.details("failed").first)
                #expect(
                    failure["message"].string == "Too many messages came before the page was ready for them.",
                    "\(failure)")
                let other = try await browser.run(
                    "client-channels", "tooEarly", join: join, parameters: ["channel": "state"])
                #expect(other.error == nil)
                let opened = try #require(other.details("opened").first)
                #expect(opened["received"].int == 4 && opened["dropped"].int == 1, "\(opened)")
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aKickBeforeTheReturnHasItsReason(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "kickedEarly", join: gateway.join("world"))
                #expect(report.error == nil)
                let failure = try #require(report.details("failed").first)
                #expect(failure["name"].string == "JoinError")
                #expect(failure["message"].string == "The game server disconnected the player (data 42).")
                #expect(failure["code"].string == "server-closed")
                #expect(failure["transient"].bool == false)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aFastPageWaitsAndLosesNothing(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run(
                    "client-channels", "flood", join: gateway.join("world"), parameters: ["count": "400"])
                #expect(report.error == nil)
                let flooded = try #require(report.details("flooded").first)
                #expect(flooded["most"].int ?? .max <= 400_000)
                #expect(flooded["waits"].int ?? 0 > 0)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aFullChannelRefuses(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "overflow", join: gateway.join("world"))
                #expect(report.error == nil)
                let full = try #require(report.details("full").first)
                #expect(full["refusal"]["name"].string == "QuotaExceededError")
                #expect(full["refusal"]["message"].string?.hasSuffix("await ready() before more.") == true)
                #expect(full["buffered"].int ?? .max <= 4 << 20)
                #expect(full["sent"].int ?? .max <= 66 && full["dropped"].int == 1)
                #expect(report.details("ready").first?["buffered"].int ?? .max <= 1 << 20)
                let rejected = report.details("rejected").map { $0["name"].string }
                #expect(rejected == ["InvalidStateError", "InvalidStateError"])
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aWorkerPlaysOnAChannelOfItsOwn(browser: Browser) async throws {
            try await ClientWorld.running { gateway, server in
                let report = try await browser.run("client-channels", "handed", join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(report.details("message").first?["message"] == .array([.number(1), .number(2), .number(3)]))
                #expect(report.details("ended").count == 1)
                try await server.event("packet") { $0["channel"].int == 1 && $0["size"].int == 3 }
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aSlowPageLosesNothing(browser: Browser) async throws {
            try await ClientWorld.running { gateway, _ in
                let report = try await browser.run("client-channels", "busy", join: gateway.join("world"))
                #expect(report.error == nil)
            }
        }

        /// The other tab hides the first, which plays on all the same, and is closed later: only its player leaves.
        @Test(.requires(.chromium, .firefox)) func twoTabsAreTwoPlayers() async throws {
            // What is waited for is a hidden page's clock, so both wait at once.
            try await Browser.atOnce { browser in
                try await ClientWorld.behindFront { front, gateway, server in
                    let report = try await browser.run("client", "tabs", join: "\(front.origin)/join/world") { page in
                        _ = try await page.step("closed tab", within: .seconds(60))
                        // By the page's request or by the browser's own last words, whichever is there first.
                        _ = try await front.requests.first("the closed tab's request") { $0.method == "DELETE" }
                        let ended = try await gateway.ended()
                        #expect(["player-left", "browser-closed"].contains(ended["reason"]))
                        try await server.event("disconnected")
                        page.stop()
                    }
                    #expect(report.error == nil)
                    #expect(report.details("hidden").first?["isAnother"].bool == true)
                    #expect(report.details("played").first?["states"] == .array([]))
                    #expect(server.events("connected").count == 2)
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .coturn), arguments: Browser.available)
        func aRelayIsUsedOfWhichTheAnswerTells(browser: Browser) async throws {
            try await TurnServer.running { turn in
                try await ClientWorld.running(turn.options(["udp"])) { gateway, _ in
                    let report = try await browser.run("client", "relay", join: gateway.join("world"))
                    #expect(report.error == nil)
                    #expect(report.details("stats").first?["candidateType"].string == "relay")
                    // Before it restarts it asks for servers whose credentials are not old.
                    let asked = report.details("requests").first?.array?.compactMap { $0["path"].string } ?? []
                    #expect(asked.first == "/ice-servers" && asked.count >= 2)
                }
            }
        }
    }
}
