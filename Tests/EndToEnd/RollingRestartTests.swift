import Foundation
import Glibc
import Testing

extension BrowserTests {
    /// Two gateways behind a real load balancer, with the configuration that Deploy has for it.
    @Suite struct RollingRestartTests {
        /// Seconds.
        private static let drainTimeout = 4

        private struct World {
            let route: String
            let ports: (a: UInt16, b: UInt16)
            let balancer: LoadBalancer.Running
        }

        /// Both gateways run, and a load balancer before them.
        private func serving(
            _ options: [String], behind balancer: LoadBalancer, changes: [String: String] = [:],
            _ body: (World, GatewayProgram, GatewayProgram) async throws -> Void
        ) async throws {
            let ports = (a: try UnusedPort.tcp(), b: try UnusedPort.tcp())
            try await ENetProgram.echoServer(peers: 256) { _, port in
                let route = ClientWorld.route(to: port)
                try await GatewayProgram.serving([route], options: ["--node", "a"] + options, httpPort: ports.a) { a in
                    try await GatewayProgram.serving([route], options: ["--node", "b"] + options, httpPort: ports.b) {
                        b in
                        try await balancer.running(before: ports, changes: changes) { balancer in
                            try await body(World(route: route, ports: ports, balancer: balancer), a, b)
                        }
                    }
                }
            }
        }

        @Test(.requires(.haproxy, .nginx, .nginxStream), arguments: LoadBalancer.allCases)
        func theExampleIsValid(balancer: LoadBalancer) async throws {
            let (exit, words) = try await balancer.check()
            #expect(exit == .code(0), "\(words)")
            #expect(!words.contains { $0.lowercased().contains("warn") }, "\(words)")
        }

        /// Each gateway is restarted while players come and go all the time. No join fails, nobody loses a session of the
        /// other gateway, and those of the one that goes end at its deadline, told why.
        @Test(.requires(.haproxy, .chromium)) func aRollingRestartLosesNobodyElse() async throws {
            try await serving(["--drain-timeout", "\(Self.drainTimeout)"], behind: .haproxy) { world, a, b in
                let report = try await Browser.chromium.run("rolling", "rolling", join: world.balancer.join("world")) {
                    page in
                    let settled = try await page.step("settled")
                    try await depart(a, playing: try #require(settled["a"].int))
                    try await GatewayProgram.serving(
                        [world.route], options: ["--node", "a"], httpPort: world.ports.a
                    ) { nextA in
                        try await joined(nextA)
                        page.stop()
                        let refilled = try await page.step("refilled")
                        #expect(refilled["a"].int ?? 0 > 0)
                        try await depart(b, playing: try #require(settled["b"].int) + (refilled["b"].int ?? 0))
                        try await GatewayProgram.serving(
                            [world.route], options: ["--node", "b"], httpPort: world.ports.b
                        ) { nextB in
                            try await joined(nextB)
                            page.stop()
                            _ = try await page.step("result")
                        }
                    }
                }
                try expectNobodyElseLost(report)
            }
        }

        /// Stops it as a supervisor does, and waits for its end.
        private func depart(_ gateway: GatewayProgram, playing: Int) async throws {
            let before = gateway.process.errors.entries.count
            // Not also by way of `timeout`, which might hand it on so late that it is a second one.
            try gateway.process.signalProgram(SIGTERM)
            let exit = try await gateway.process.exit()
            #expect(exit == .code(0))
            let log = gateway.process.errors.entries.dropFirst(before)
            let draining = try #require(log.firstIndex { $0.contains(" notice draining: ") })
            let told = log.filter { $0.contains("reason=gateway-stopping") }
            #expect(told.count == playing)
            let beginning = try time(of: log[draining])
            for line in told {
                let waited = try time(of: line).timeIntervalSince(beginning)
                #expect(waited >= Double(Self.drainTimeout) - 0.01, "somebody was ended before the deadline: \(line)")
            }
            #expect(!log[draining...].contains { $0.contains(" info joined ") })
        }

        /// When a line of a gateway's log was written.
        private func time(of line: String) throws -> Date {
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return try Date(String(#require(line.split(separator: " ").first)), strategy: format)
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
            #expect(staying.count >= 16)
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

        /// HAProxy still takes the drained gateway for ready, as before the next check, and nginx knows nothing of that: each
        /// offer that goes there is turned away, and answered by the other.
        @Test(.requires(.haproxy, .nginx), arguments: LoadBalancer.ofHTTP)
        func aJoinAtADrainedGatewayReachesTheOther(balancer: LoadBalancer) async throws {
            let changes = balancer == .haproxy ? [" inter 1s ": " inter 1h "] : [:]
            try await serving(["--metrics", "127.0.0.1:0"], behind: balancer, changes: changes) { world, a, b in
                for node in ["a", "b"] {
                    while try await nodeOfJoin(world) != node {}
                }
                try a.process.signalProgram(SIGUSR1)
                _ = try await a.process.errors.first("the drain") { $0.contains(" notice draining: ") }
                for _ in 0..<30 {
                    let node = try await nodeOfJoin(world)
                    #expect(node == "b")
                }
                let metrics = try await PrometheusProgram.output("curl", ["-s", "http://\(a.metrics)/metrics"])
                let refused = metrics.firstMatch(of: #/torii_join_refusals_total\{reason="draining"\} (\d+)/#)
                #expect(refused.flatMap { Int($0.1) } ?? 0 > 0)
                #expect(metrics.contains("\ntorii_draining 1\n"))

                // With both drained, the player hears what the gateway says.
                try b.process.signalProgram(SIGUSR1)
                _ = try await b.process.errors.first("the drain") { $0.contains(" notice draining: ") }
                let answer = try await post(world.balancer.join("world"))
                #expect(answer.last == "503 1 ", "\(answer)")
                #expect(answer.first == "The gateway takes no new players now; try again in a moment.")
            }
        }

        /// A gateway that trusts the load balancer counts the joins of each player whom it names; one that does not, all
        /// together. What players say themselves in the other header goes no further.
        @Test(.requires(.haproxy, .nginx), arguments: LoadBalancer.ofHTTP)
        func joinsAreCountedForWhomTheBalancerNames(balancer: LoadBalancer) async throws {
            let options = ["--max-joins-per-address", "1", "--trusted-proxy", "127.0.0.0/8"]
            try await GatewayProgram.serving([ClientWorld.route(to: 9)], options: options) { gateway in
                let port = try #require(URL(string: gateway.origin)?.port.flatMap { UInt16(exactly: $0) })
                try await balancer.running(before: (a: port, b: port)) { balancer in
                    let url = balancer.join("world")
                    for (player, status) in [("203.0.113.7", "201"), ("203.0.113.7", "429"), ("203.0.113.8", "201")] {
                        // The balancer adds an address of this host's, which is trusted, too.
                        let headers = [
                            "X-Forwarded-For: \(player)", "Forwarded: for=198.51.100.\(Int.random(in: 1...254))",
                        ]
                        let answer = try await post(url, headers)
                        #expect(answer.last?.hasPrefix("\(status) ") == true, "\(player): \(answer)")
                    }
                }
            }
        }

        /// The same by the PROXY protocol, in both versions; no header of HTTP says who asks.
        @Test(.requires(.haproxy), arguments: ["send-proxy", "send-proxy-v2"])
        func joinsAreCountedForWhomTheBalancerAnnounces(version: String) async throws {
            let options = ["--max-joins-per-address", "1", "--trusted-proxy", "127.0.0.0/8", "--proxy-protocol", "on"]
            try await GatewayProgram.serving([ClientWorld.route(to: 9)], options: options) { gateway in
                let port = try #require(URL(string: gateway.origin)?.port.flatMap { UInt16(exactly: $0) })
                let changes = [
                    // Players on other hosts, as far as the balancer knows.
                    "    option forwardfor\n": "    http-request set-src hdr(x-player)\n",
                    "fall 2 rise 1\n": "fall 2 rise 1 \(version)\n",
                ]
                try await LoadBalancer.haproxy.running(before: (a: port, b: port), changes: changes) { balancer in
                    let url = balancer.join("world")
                    for (player, status) in [("203.0.113.7", "201"), ("203.0.113.7", "429"), ("203.0.113.8", "201")] {
                        let answer = try await post(url, ["X-Player: \(player)"])
                        #expect(answer.last?.hasPrefix("\(status) ") == true, "\(player): \(answer)")
                    }
                }
            }
        }

        /// The same behind nginx that knows nothing of HTTP, and hears who asks from a balancer before it in the same way.
        @Test(.requires(.nginx, .nginxStream)) func joinsAreCountedForWhomNginxAnnounces() async throws {
            let options = ["--max-joins-per-address", "1", "--trusted-proxy", "127.0.0.0/8", "--proxy-protocol", "on"]
            try await GatewayProgram.serving([ClientWorld.route(to: 9)], options: options) { gateway in
                let port = try #require(URL(string: gateway.origin)?.port.flatMap { UInt16(exactly: $0) })
                let changes = [
                    "listen 443;": "listen 443 proxy_protocol;",
                    "proxy_protocol on;": "proxy_protocol on; set_real_ip_from 127.0.0.1;",
                ]
                try await LoadBalancer.nginxStream.running(before: (a: port, b: 0), changes: changes) { balancer in
                    for (player, status) in [
                        ("TCP4 203.0.113.7 127.0.0.1", "201"), ("TCP4 203.0.113.7 127.0.0.1", "429"),
                        ("TCP4 203.0.113.8 127.0.0.1", "201"), ("TCP6 2001:db8::7 ::1", "201"),
                        ("TCP6 2001:db8::8 ::1", "429"), ("TCP6 2001:db8:0:1::7 ::1", "201"),
                    ] {
                        let answer = try post(to: balancer.port, after: "PROXY \(player) 50000 80\r\n")
                        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(player): \(answer)")
                    }
                }
            }
        }

        /// As it is in Deploy: players' TLS is the gateway's own.
        @Test(.requires(.nginx, .nginxStream)) func nginxPassesTLSThrough() async throws {
            try await ServerCertificate.withFiles { files in
                let options = ["--http-certificate", files.certificate, "--http-key", files.key]
                let proxy = ["--trusted-proxy", "127.0.0.0/8", "--proxy-protocol", "on"]
                try await GatewayProgram.serving([ClientWorld.route(to: 9)], options: options + proxy) { gateway in
                    let port = try #require(URL(string: gateway.origin)?.port.flatMap { UInt16(exactly: $0) })
                    try await LoadBalancer.nginxStream.running(before: (a: port, b: 0)) { balancer in
                        let url = "https://127.0.0.1:\(balancer.port)/join/world"
                        let answer = try await post(url, options: ["--cacert", files.authority])
                        #expect(answer.last?.hasPrefix("201 ") == true, "\(answer)")
                    }
                }
            }
        }

        /// What comes on a connection on which these bytes and then an offer are sent.
        private func post(to port: UInt16, after announcement: String) throws -> String {
            let offer = try Data(contentsOf: URL(filePath: Checkout.path("Fixtures/sdp/chromium-data.sdp")))
            let head = [
                "POST /join/world HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/sdp",
                "Content-Length: \(offer.count)", "Connection: close", "", "",
            ].joined(separator: "\r\n")
            let connection = try #require(LoopbackTCP.connected(to: port))
            defer { close(connection) }
            try #require(Stream.send(Data((announcement + head).utf8) + offer, on: connection))
            return String(decoding: HTTPMessage.everything(from: connection), as: UTF8.self)
        }

        /// The gateway that took an offer sent through the load balancer.
        private func nodeOfJoin(_ world: World) async throws -> String {
            let answer = try await post(world.balancer.join("world"))
            let path = answer.last?.wholeMatch(of: #/201  \/session\/([ab])\.[0-9a-f]{32}/#)
            return try String(#require(path, "\(answer)").1)
        }

        /// The answer to an offer: the lines of its body, then its status, Retry-After and Location.
        private func post(
            _ url: String, _ headers: [String] = [], options: [String] = []
        ) async throws -> [String] {
            let offer = Checkout.path("Fixtures/sdp/chromium-data.sdp")
            let arguments =
                [
                    "--silent", "--show-error", "--max-time", "10", "--header", "Content-Type: application/sdp",
                    "--data-binary", "@\(offer)", "--write-out",
                    #"\n%{http_code} %header{retry-after} %header{location}\n"#, url,
                ] + headers.flatMap { ["--header", $0] } + options
            return try await ChildProcess.running("curl", arguments) { process in
                guard try await process.exit() == .code(0) else {
                    throw HarnessError("curl: \(process.errors.entries)")
                }
                return process.output.entries
            }
        }
    }
}
