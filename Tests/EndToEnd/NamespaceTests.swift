import Testing

extension BrowserTests {
    /// The gateway as it comes and browsers as they come: no `--advertise`, no setting for loopback. Addresses are what
    /// each side finds on its host.
    @Suite struct NamespaceTests {
        /// Left out: Chromium on a host without IPv4, where a page that may not use the microphone gathers no candidate,
        /// whomever it wants to reach.
        @Test(
            .requires(.networkNamespaces, .chromium, .firefox),
            arguments: [
                (Browser.chromium, NetworkNamespace.Family.ipv4), (.firefox, .ipv4), (.chromium, .dual),
                (.firefox, .dual),
                (.firefox, .ipv6),
            ])
        func playersJoinAtTheHostsOwnAddress(browser: Browser, family: NetworkNamespace.Family) async throws {
            try await NetworkNamespace.running(family) { namespace in
                try await ENetProgram.echoServer { server, port in
                    let route = "world=enet://127.0.0.1:\(port)?profile=channels"
                    try await GatewayProgram.serving([route]) { gateway in
                        let report = try await browser.run("echo", "stats", join: gateway.join("world"))
                        #expect(report.error == nil)
                        let pair = try #require(report.details("pair").first)
                        #expect(pair["remote"]["address"].string == namespace.address, "\(pair)")
                        // TCP is offered too, and not used.
                        #expect(pair["remote"]["protocol"].string == "udp", "\(pair)")
                        #expect(pair["remote"]["port"].int == Int(gateway.udpPort))
                        try await server.event("disconnected")
                    }
                }
            }
        }
    }
}
