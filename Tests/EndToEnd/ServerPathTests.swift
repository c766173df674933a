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

        /// What the kernel says of the socket of a player in the middle of the game.
        @Test(.requires(.chromium, .networkNamespaces)) func aPlayersSocketIsAsTheRouteSays() async throws {
            let options = "&source=127.0.0.9&interface=lo&dscp=EF&send-buffer=20000&receive-buffer=30000"
            try await ENetProgram.echoServer { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=channels\(options)"
                try await GatewayProgram.serving([route]) { gateway in
                    let report = try await Browser.chromium.run("echo", "endure", join: gateway.join("world")) { page in
                        _ = try await page.step("enduring")
                        let socket = try await socketConnected(to: port)
                        // socket(7): the kernel doubles what is asked for.
                        for expected in ["127.0.0.9%lo:", "tos:0xb8", "tb40000,", "rb60000,"] {
                            #expect(socket.contains(expected))
                        }
                        page.stop()
                    }
                    #expect(report.error == nil)
                }
            }
        }

        private func socketConnected(to port: Int) async throws -> String {
            let arguments = ["--udp", "--numeric", "--memory", "--tos", "--oneline", "--no-header"]
            return try await ChildProcess.running("ss", arguments + ["dst", "127.0.0.1:\(port)"]) { process in
                let exit = try await process.exit()
                #expect(exit == .code(0))
                return process.output.entries.joined(separator: "\n")
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
