import Foundation
import Glibc
import Testing

extension BrowserTests {
    /// Two gateways behind a real HAProxy, with the configuration that Deploy has.
    @Suite struct RollingRestartTests {
        private struct World {
            let server: ServerProgram
            let route: String
            let ports: (a: UInt16, b: UInt16)
            let proxy: HAProxyProgram
        }

        private func withProxy(
            interval: String? = nil, _ body: (World) async throws -> Void
        ) async throws {
            let ports = (a: try UnusedPort.tcp(), b: try UnusedPort.tcp())
            try await ENetProgram.echoServer(peers: 256) { server, port in
                try await HAProxyProgram.running(before: ports, interval: interval) { proxy in
                    try await body(
                        World(server: server, route: ClientWorld.route(to: port), ports: ports, proxy: proxy))
                }
            }
        }

        private func gateway(
            _ node: String, in world: World, _ options: [String] = [], _ body: (GatewayProgram) async throws -> Void
        ) async throws {
            try await GatewayProgram.serving(
                [world.route], options: ["--node", node] + options,
                httpPort: node == "a" ? world.ports.a : world.ports.b,
                body)
        }

        @Test(.requires(.haproxy)) func theExampleIsValid() async throws {
            let arguments = ["-c", "-f", Checkout.path("Deploy/haproxy.cfg")]
            try await ChildProcess.running(Requirement.haproxy.path(), arguments) { process in
                let exit = try await process.exit()
                let words = process.output.entries + process.errors.entries
                #expect(exit == .code(0), "\(words)")
                #expect(!words.contains { $0.contains("WARNING") }, "\(words)")
            }
        }

        /// Each gateway is restarted while players come and go all the time. No join fails, nobody loses a session of the
        /// other gateway, and those of the one that goes end at its deadline, told why.
        @Test(.requires(.haproxy, .chromium)) func aRollingRestartLosesNobodyElse() async throws {
            let drain = ["--drain-timeout", "4"]
            try await withProxy { world in
                try await gateway("a", in: world, drain) { first in
                    try await gateway("b", in: world, drain) { second in
                        let report = try await Browser.chromium.run(
                            "rolling", "rolling", join: world.proxy.join("world")
                        ) {
                            page in
                            let settled = try await page.step("settled")
                            let ofFirst = try #require(settled["a"].int)
                            try await depart(first, playing: ofFirst)
                            try await gateway("a", in: world) { third in
                                try await joined(third)
                                page.stop()
                                let refilled = try await page.step("refilled")
                                let ofSecond = try #require(settled["b"].int) + (refilled["b"].int ?? 0)
                                #expect(refilled["a"].int ?? 0 > 0)
                                try await depart(second, playing: ofSecond)
                                try await gateway("b", in: world) { fourth in
                                    try await joined(fourth)
                                    page.stop()
                                    _ = try await page.step("result")
                                }
                            }
                        }
                        try expectNobodyElseLost(report)
                    }
                }
            }
        }

        /// Stops it as a supervisor does, and waits for its end.
        private func depart(_ gateway: GatewayProgram, playing: Int) async throws {
            let before = gateway.process.errors.entries.count
            gateway.process.signal(SIGTERM)
            let exit = try await gateway.process.exit()
            #expect(exit == .code(0))
            let log = gateway.process.errors.entries.dropFirst(before)
            let draining = try #require(log.firstIndex { $0.contains(" notice draining: ") })
            let stopping = try #require(log.firstIndex { $0.contains(" notice stopping: ") })
            let told = log.indices.filter { log[$0].contains("reason=gateway-stopping") }
            #expect(told.count == playing)
            #expect(told.allSatisfy { $0 > stopping }, "somebody was ended before the deadline")
            #expect(!log[draining...].contains { $0.contains(" info joined ") })
        }

        private func joined(_ gateway: GatewayProgram) async throws {
            _ = try await gateway.process.errors.first("a player at the gateway that is back") {
                $0.contains(" info joined ")
            }
        }

        private func expectNobodyElseLost(_ report: Browser.Report) throws {
            #expect(report.error == nil)
            let result = try #require(report.details("result").first)
            #expect(result["failures"].array?.isEmpty == true, "\(result["failures"])")
            // Restarted, ended, and asked for afterwards: all of it by its own gateway.
            #expect(result["answers"] == .array([.string("200 200 player-left")]), "\(result["answers"])")
            #expect(result["guests"]["a"].int ?? 0 > 5 && result["guests"]["b"].int ?? 0 > 5, "\(result["guests"])")
            let staying = try #require(result["staying"].array)
            #expect(staying.count == 16)
            for player in staying {
                #expect(player["echoes"].int ?? 0 > 0, "\(player)")
                switch (player["node"].string, player["since"].int) {
                case ("a", 0):
                    #expect(player["end"]["code"].string == "gateway-stopping", "\(player)")
                    #expect(player["end"]["phase"].int == 0, "\(player)")
                case ("a", 1):
                    #expect(player["end"]["code"].string == nil, "\(player)")
                default:
                    #expect(player["end"]["code"].string == "gateway-stopping", "\(player)")
                    #expect(player["end"]["phase"].int == 1, "\(player)")
                }
            }
        }

        /// HAProxy still takes the drained gateway for ready, as before the next check: each offer that goes there is turned
        /// away, and answered by the other.
        @Test(.requires(.haproxy)) func aJoinAtADrainedGatewayReachesTheOther() async throws {
            try await withProxy(interval: "1h") { world in
                try await gateway("a", in: world, ["--metrics", "127.0.0.1:0"]) { first in
                    try await gateway("b", in: world) { second in
                        let nodes = [try await nodeOfJoin(world), try await nodeOfJoin(world)]
                        #expect(Set(nodes) == ["a", "b"])
                        try first.process.signalProgram(SIGUSR1)
                        _ = try await first.process.errors.first("the drain") { $0.contains(" notice draining: ") }
                        for _ in 0..<10 {
                            let node = try await nodeOfJoin(world)
                            #expect(node == "b")
                        }
                        let metrics = try await PrometheusProgram.output(
                            "curl", ["-s", "http://\(first.metrics)/metrics"])
                        let refused = metrics.firstMatch(of: #/torii_join_refusals_total\{reason="draining"\} (\d+)/#)
                        #expect(refused.flatMap { Int($0.1) } ?? 0 > 0)
                        #expect(metrics.contains("\ntorii_draining 1\n"))

                        // With both drained, the player hears what the gateway says.
                        try second.process.signalProgram(SIGUSR1)
                        _ = try await second.process.errors.first("the drain") { $0.contains(" notice draining: ") }
                        let answer = try await post(world)
                        #expect(answer.last == "503 1 ", "\(answer)")
                        #expect(answer.first == "The gateway takes no new players now; try again in a moment.")
                    }
                }
            }
        }

        /// The gateway that took an offer sent through HAProxy.
        private func nodeOfJoin(_ world: World) async throws -> String {
            let answer = try await post(world)
            let path = answer.last?.wholeMatch(of: #/201  \/session\/([ab])\.[0-9a-f]{32}/#)
            return try String(#require(path, "\(answer)").1)
        }

        /// The answer to an offer sent through HAProxy: the lines of its body, then its status, Retry-After and Location.
        private func post(_ world: World) async throws -> [String] {
            let offer = Checkout.path("Fixtures/sdp/chromium-data.sdp")
            let arguments = [
                "--silent", "--show-error", "--max-time", "10", "--header", "Content-Type: application/sdp",
                "--data-binary", "@\(offer)", "--write-out",
                #"\n%{http_code} %header{retry-after} %header{location}\n"#, world.proxy.join("world"),
            ]
            return try await ChildProcess.running("curl", arguments) { process in
                guard try await process.exit() == .code(0) else {
                    throw HarnessError("curl: \(process.errors.entries)")
                }
                return process.output.entries
            }
        }
    }
}
