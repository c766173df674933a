import Foundation
import Testing

extension BrowserTests {
    /// Pages that may only use a TURN relay, here a real coturn, with credentials the gateway made.
    @Suite struct RelayTests {
        /// How a page comes to know the servers.
        enum Source: String, Sendable, CaseIterable {
            case list, options, answer
        }

        @Test(
            .requires(.chromium, .firefox, .coturn), arguments: Browser.available,
            [(Source.list, "udp"), (.options, "udp"), (.answer, "udp"), (.list, "tcp")])
        func aRelayOnlyPagePlays(browser: Browser, how: (source: Source, transport: String)) async throws {
            try await withEcho([how.transport]) { gateway, turn, server in
                let report = try await browser.run(
                    "echo", "relay", join: gateway.join("world"), parameters: ["from": how.source.rawValue])
                // Thrown, so that the gateway's and coturn's last lines are told.
                try #require(report.error == nil)
                let pair = try #require(report.details("pair").first)
                #expect(pair["local"]["type"].string == "relay", "\(pair)")
                #expect(pair["remote"]["port"].int == Int(gateway.udpPort))
                let ended = try await gateway.ended()
                // Firefox closes the connection to the relay before its goodbye has left.
                let isCutOff = browser == .firefox && how.transport == "tcp"
                #expect(ended["reason"] == "browser-closed" || isCutOff && ended["reason"] == "browser-vanished")
                // The name the credential was made for: the log's own when it came with the answer.
                let session = try #require(ended["session"])
                let users = turn.process.output.entries.filter { $0.contains("ALLOCATE processed, success") }
                #expect(!users.isEmpty)
                if how.source == .answer { #expect(users.allSatisfy { $0.contains(":\(session)>") }, "\(users)") }
                try await server.event("disconnected")
            }
        }

        /// As browsers come, in a network where nothing is loopback.
        @Test(.requires(.chromium, .firefox, .coturn, .networkNamespaces), arguments: Browser.available)
        func aRelayOnlyPagePlaysInANetwork(browser: Browser) async throws {
            try await NetworkNamespace.running(.ipv4) { namespace in
                try await withEcho(["udp", "tcp"]) { gateway, _, _ in
                    let report = try await browser.run(
                        "echo", "relay", join: gateway.join("world"), parameters: ["from": "list"])
                    try #require(report.error == nil)
                    let pair = try #require(report.details("pair").first)
                    #expect(pair["local"]["type"].string == "relay", "\(pair)")
                    #expect(pair["remote"]["address"].string == namespace.address, "\(pair)")
                }
            }
        }

        /// The configuration in Deploy/networks.md relays to the gateway, and to nobody who is not named in it.
        @Test(.requires(.chromium, .coturn, .networkNamespaces), arguments: [true, false])
        func theDocumentedConfigurationRelaysToTheGatewayOnly(isNamed: Bool) async throws {
            let page = try String(contentsOfFile: Checkout.path("Deploy/networks.md"), encoding: .utf8)
            let block = try #require(
                page.components(separatedBy: "```ini\n").dropFirst().first?.components(separatedBy: "\n```").first)
            try await NetworkNamespace.running(.ipv4) { namespace in
                let settings = block.replacing("put-the-output-of-openssl-rand-hex-32-here", with: TurnServer.secret)
                    .replacing("203.0.113.7", with: isNamed ? namespace.address : "203.0.113.7")
                #expect(settings != block)
                try await withEcho(["udp"], settings: settings) { gateway, turn, _ in
                    let report = try await Browser.chromium.run(
                        "echo", "relay", join: gateway.join("world"), parameters: ["from": "list"])
                    #expect((report.error == nil) == isNamed, "\(report.error ?? "")")
                    let log = turn.process.output.entries
                    #expect(log.contains { $0.contains("ALLOCATE processed, success") })
                    // The gateway's other addresses are forbidden in any case.
                    #expect(isNamed || log.contains { $0.contains("403: Forbidden IP") })
                }
            }
        }

        @Test(.requires(.chromium, .firefox, .coturn), arguments: Browser.available, [true, false])
        func aCredentialThatIsNotGoodGetsNoRelay(browser: Browser, isExpired: Bool) async throws {
            let now = Int(Date.now.timeIntervalSince1970)
            let (username, password) = try await TurnServer.credential(
                expiry: isExpired ? now - 60 : now + 3600, secret: isExpired ? TurnServer.secret : "another secret")
            try await withEcho(["udp"]) { gateway, turn, _ in
                let report = try await browser.run(
                    "echo", "noRelay", join: gateway.join("world"),
                    parameters: ["username": username, "credential": password])
                #expect(report.error == nil)
                let gathered = try #require(report.details("gathered").first)
                #expect(gathered["candidates"].array?.isEmpty == true, "\(gathered)")
                let log = turn.process.output.entries
                #expect(!log.contains { $0.contains("ALLOCATE processed, success") })
                #expect(log.contains { $0.contains("401: Unauthorized") })
            }
        }

        /// As it was where a connection of anybody's had the TCP side of a port that the kernel chose for UDP: a page waited
        /// for answers until the test gave up.
        @Test(.requires(.coturn)) func aServerWithoutItsTCPPortIsNotTakenForOneThatServes() async throws {
            try await SilentServer.running { holder in
                let error = await #expect(throws: HarnessError.self) {
                    try await TurnServer.running(port: holder.port) { _ in }
                }
                #expect(error?.description.contains("Cannot bind TLS/TCP listener socket") == true)
            }
        }

        /// Of those that the kernel gives to whoever asks for any, the TCP side may be a connection's of anybody.
        @Test(.requires(.coturn)) func aServersPortIsNoneOfTheKernels() async throws {
            let range = try String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
            let bounds = range.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
            try #require(bounds.count == 2)
            try await TurnServer.running { turn in
                let port = try #require(turn.address.split(separator: ":").last.flatMap { UInt16($0) })
                #expect(!(bounds[0]...bounds[1]).contains(port))
            }
        }

        private func withEcho(
            _ transports: [String], settings: String? = nil,
            _ body: (GatewayProgram, TurnServer, ServerProgram) async throws -> Void
        ) async throws {
            try await TurnServer.running(settings) { turn in
                try await ENetProgram.echoServer { server, port in
                    let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                    try await GatewayProgram.serving(
                        [route], options: turn.options(transports) + ["--consent-timeout", "10"]
                    ) { gateway in
                        try await body(gateway, turn, server)
                        // Neither the secret nor a credential is anyone's to read.
                        let log = gateway.process.errors.entries + gateway.process.output.entries
                        #expect(!log.contains { $0.contains(TurnServer.secret) || $0.contains("credential") })
                    }
                }
            }
        }
    }
}
