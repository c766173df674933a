import Foundation
import Testing

extension BrowserTests {
    /// Routes of `enets://`: unmodified ENet servers behind somebody else's DTLS.
    @Suite struct SecuredTests {
        /// The authority's file and the name in the certificate, which is the route's host, an address.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available, ["kinds", "sizes", "count", "later"])
        func everyMessageComesBackUnchanged(browser: Browser, scenario: String) async throws {
            try await withEcho(.openssl) { front, server, port, files in
                try await serving(port, "ca=\(files.authority)") { gateway in
                    let report = try await browser.run("echo", scenario, join: gateway.join("world"))
                    #expect(report.error == nil)
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "browser-closed")
                    #expect(ended["drop_serverRecordRejected"] == nil)
                    // ENet's disconnect reached the server, and only then DTLS ended.
                    try await server.event("disconnected")
                    let how = try await front.event("dtls_ended")
                    #expect(how["how"].string == "close_notify")
                }
            }
        }

        @Test(.requires(.chromium)) func aServerOnIPv6() async throws {
            try await withEcho(.openssl, host: "::1") { front, _, port, files in
                try await serving(host: "[::1]", port, "ca=\(files.authority)") { gateway in
                    let report = try await Browser.chromium.run("echo", "kinds", join: gateway.join("world"))
                    #expect(report.error == nil)
                    try await front.event("dtls_up")
                }
            }
        }

        @Test(.requires(.chromium), arguments: ["server-name", "verify=ca", "pin", "verify=none"])
        func everyRuleAcceptsTheRightServer(rule: String) async throws {
            try await withEcho(.openssl) { front, _, port, files in
                let option =
                    switch rule {
                    case "server-name": "ca=\(files.authority)&server-name=\(ServerCertificate.name)"
                    case "verify=ca": "ca=\(files.authority)&verify=ca&server-name=whoever.example"
                    case "pin": "pin=\(files.pin)"
                    default: rule
                    }
                try await serving(port, option) { gateway in
                    let report = try await Browser.chromium.run("echo", "close", join: gateway.join("world"))
                    #expect(report.error == nil)
                    let up = try await front.event("dtls_up")
                    let asked = ["server-name": ServerCertificate.name, "verify=ca": "whoever.example"][rule] ?? ""
                    #expect(up["name"].string == asked)
                    let isWarned = gateway.process.errors.entries.contains {
                        $0.contains(" warning ") && $0.contains("verify=none") && $0.contains("route=world")
                    }
                    #expect(isWarned == (rule == "verify=none"))
                }
            }
        }

        /// The join fails, and page and log are told why.
        @Test(
            .requires(.chromium),
            arguments: [
                ("verify=ca", "unable to get local issuer certificate"),
                ("server-name=other.example", "ostname mismatch"),
                ("pin", "it is not the one that is pinned"),
            ])
        func aCertificateThatFailsIsNamed(rule: String, words: String) async throws {
            try await withEcho(.openssl) { front, server, port, files in
                let option =
                    switch rule {
                    case "pin": "pin=sha256:" + String(repeating: "0A", count: 32)
                    // The system's authorities have never heard of it.
                    case "verify=ca": rule
                    default: "ca=\(files.authority)&\(rule)"
                    }
                try await serving(port, option) { gateway in
                    let report = try await Browser.chromium.run(
                        "echo", "stay", join: gateway.join("world"), parameters: ["for": "20000"])
                    #expect(report.error != nil)
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "server-certificate-refused")
                    let line = gateway.process.errors.entries.last { $0.contains(" info ended: ") } ?? ""
                    #expect(line.contains("The game server's certificate was refused: "))
                    #expect(line.contains(words), "\(line)")
                    try await front.event("dtls_ended")
                    #expect(server.events("connected").isEmpty && front.events("dtls_up").isEmpty)
                }
            }
        }

        /// The sentence reaches the page too; Firefox has no way to show it the text of an ABORT.
        @Test(.requires(.chromium)) func thePageIsToldWhy() async throws {
            try await withEcho(.openssl) { _, _, port, _ in
                let route = "world=enets://127.0.0.1:\(port)?profile=godot4&verify=ca"
                try await GatewayProgram.serving([route]) { gateway in
                    let report = try await Browser.chromium.run(
                        "godot", "unreachable", join: gateway.join("world"), parameters: ["peer_id": "77"])
                    #expect(report.error == nil)
                    let errors = report.details("ended").first?["errors"].array ?? []
                    #expect(
                        errors.contains {
                            $0["message"].string?.contains("The game server's certificate was refused") == true
                        })
                }
            }
        }

        @Test(.requires(.chromium)) func aServerWithoutDTLSIsNamed() async throws {
            try await ENetProgram.echoServer { _, port in
                try await serving(port, "verify=none") { gateway in
                    _ = try await Browser.chromium.run("echo", "stay", join: gateway.join("world"))
                    let ended = try await gateway.ended()
                    #expect(ended["reason"] == "server-dtls-timed-out")
                }
            }
        }

        /// A real Godot game behind Godot's own DTLSServer.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func aGodotGameBehindGodotsOwnDTLS(browser: Browser) async throws {
            try await ServerCertificate.withFiles(key: ["rsa:2048"]) { files in
                try await GodotProgram.server4(["--observe"]) { server, serverPort in
                    try await DTLSFront.godot.running(before: serverPort, files) { front, port in
                        let route = "world=enets://127.0.0.1:\(port)?ca=\(files.authority)"
                        try await GatewayProgram.serving([route]) { gateway in
                            let report = try await browser.run(
                                "godot", "stay", join: gateway.join("world"), parameters: ["peer_id": "4242"]
                            ) { page in
                                _ = try await page.step("entered")
                                server.command("kick 4242")
                            }
                            #expect(report.error == nil)
                            #expect(report.details("ended").first?["how"] == .string("channels closed"))
                            try await front.event("dtls_up")
                            try await front.event("dtls_ended")
                            let ended = try await gateway.ended()
                            #expect(ended["reason"] == "server-closed")
                        }
                    }
                }
            }
        }

        /// Somebody else's DTLS and Godot's own, which hear from probes only what strangers may say: a player plays beside
        /// them, nobody else comes to the game, and when the server is gone it is down.
        @Test(.requires(.chromium, .godot4), arguments: DTLSFront.allCases)
        func aServerIsProbedAndTakesNoNotice(_ front: DTLSFront) async throws {
            try await withEcho(front) { front, server, port, files in
                let route = "world=enets://127.0.0.1:\(port)?profile=channels&ca=\(files.authority)&probe=1"
                try await GatewayProgram.serving([route], options: ["--metrics", "127.0.0.1:0"]) { gateway in
                    try await gateway.wait(for: "the server to be up", state: "up")
                    let report = try await Browser.chromium.run("echo", "stay", join: gateway.join("world")) { page in
                        _ = try await page.step("staying")
                        front.process.signal(SIGKILL)
                        try await gateway.wait(for: "the server to be down", state: "down")
                    }
                    #expect(report.error == nil)
                    #expect(server.events("connected").count == 1)
                    #expect(front.events("dtls_up").count == 1)
                }
            }
        }

        private func withEcho(
            _ front: DTLSFront, host: String = "127.0.0.1",
            _ body: (ServerProgram, ServerProgram, Int, ServerCertificate) async throws -> Void
        ) async throws {
            try await ServerCertificate.withFiles { files in
                try await ENetProgram.echoServer { server, serverPort in
                    try await front.running(before: serverPort, files, host: host) { front, port in
                        try await body(front, server, port, files)
                    }
                }
            }
        }

        private func serving(
            host: String = "127.0.0.1", _ port: Int, _ options: String,
            _ body: (GatewayProgram) async throws -> Void
        ) async throws {
            let route = "world=enets://\(host):\(port)?profile=channels&\(options)"
            try await GatewayProgram.serving([route], body)
        }
    }
}

extension GatewayProgram {
    /// Waits until its metrics have its one server in a state.
    fileprivate func wait(for what: String, state: String) async throws {
        for _ in 0..<1000 {
            let page = try await PrometheusProgram.output("curl", ["-s", "http://\(metrics)/metrics"])
            let isThere = page.split(separator: "\n").contains {
                $0.hasPrefix("torii_server_state{") && $0.hasSuffix(#"state="\#(state)"} 1"#)
            }
            if isThere { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw HarnessError("waited in vain for \(what)")
    }
}
