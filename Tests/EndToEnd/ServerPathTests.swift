import Testing

extension BrowserTests {
    /// Servers that are not simply on IPv4 next door.
    @Suite struct ServerPathTests {
        /// Nothing is cut into fragments, in neither direction: by the interface's own MTU, as WireGuard comes and smaller.
        @Test(
            .requires(.chromium, .networkNamespaces, .wireguard), arguments: [Browser.chromium], [1420, 1300])
        func datagramsFitATunnel(browser: Browser, mtu: Int) async throws {
            try await throughTunnel(browser, mtu: mtu, options: "") { #expect($0 == 0) }
        }

        /// What the test above looks at does show fragments where there are some.
        @Test(.requires(.chromium, .networkNamespaces, .wireguard), arguments: [Browser.chromium])
        func aTunnelThatIsTakenForLargerCutsDatagrams(browser: Browser) async throws {
            try await throughTunnel(browser, mtu: 1300, options: "&link-mtu=1500") { #expect($0 > 0) }
        }

        private func throughTunnel(
            _ browser: Browser, mtu: Int, options: String, _ expectation: (Int) -> Void
        ) async throws {
            try await NetworkNamespace.running(.ipv4) { near in
                try await WireGuardLink.running(mtu: mtu) { link in
                    try await NetworkNamespace.$current.withValue(link.farSide) {
                        try await ENetProgram.echoServer(address: WireGuardLink.serverAddress) { server, port in
                            try await NetworkNamespace.$current.withValue(near) {
                                let before = try await WireGuardLink.fragments(in: [near, link.farSide])
                                let route =
                                    "world=enet://\(WireGuardLink.serverAddress):\(port)?profile=channels\(options)"
                                try await play(browser, route: route, scenario: "sizes", server: server)
                                expectation(try await WireGuardLink.fragments(in: [near, link.farSide]) - before)
                            }
                        }
                    }
                }
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aServerOnIPv6IsReached(browser: Browser) async throws {
            try await ENetProgram.echoServer { server, port in
                let forward = try PortForward(fromIPv6: true)
                forward.begin(to: UInt16(port))
                defer { forward.close() }
                try await play(
                    browser, route: "world=enet://[::1]:\(forward.port)?profile=channels", scenario: "kinds",
                    server: server)
            }
        }

        /// A new server in the old one's place: those who played learn that it is gone, and a new player plays.
        @Test(.requires(.chromium), arguments: [Browser.chromium])
        func aServerThatRestartsIsJoinedAgain(browser: Browser) async throws {
            let port = Int(try UnusedPort.udp())
            try await GatewayProgram.serving(["world=enet://127.0.0.1:\(port)?profile=channels"]) { gateway in
                try await ENetProgram.echoServer(port: port) { _, _ in
                    // The page leaves by itself; its server's end is not awaited.
                    let report = try await browser.run("echo", "kinds", join: gateway.join("world"))
                    #expect(report.error == nil)
                }
                try await ENetProgram.echoServer(port: port) { server, _ in
                    let report = try await browser.run("echo", "kinds", join: gateway.join("world"))
                    #expect(report.error == nil)
                    try await server.event("disconnected")
                }
            }
        }

        private func play(
            _ browser: Browser, route: String, scenario: String, server: ServerProgram
        ) async throws {
            try await GatewayProgram.serving([route]) { gateway in
                let report = try await browser.run("echo", scenario, join: gateway.join("world"))
                #expect(report.error == nil)
                #expect(!report.steps.isEmpty)
                try await server.event("disconnected")
            }
        }
    }
}
