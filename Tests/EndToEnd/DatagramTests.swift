import Foundation
import Testing

extension BrowserTests {
    /// Profile `datagrams`: one data channel, and any protocol over UDP in it.
    @Suite struct DatagramTests {
        private static let limit = 1452

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func everySizeToTheLimitComesBack(browser: Browser) async throws {
            try await withEcho { gateway in
                let report = try await browser.run("datagrams", "sizes", join: gateway.join("raw"))
                #expect(report.error == nil)
                #expect(report.details("open").first?["limit"].int == Self.limit)
                #expect(report.details("echoed").first?["sizes"].int == Self.limit + 1)
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "browser-closed")
                #expect(ended["drop_messageTooLarge"] == nil)
            }
        }

        /// As to a server behind a router that speaks WireGuard.
        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func aNarrowWayLowersTheLimit(browser: Browser) async throws {
            try await withEcho("?link-mtu=1420") { gateway in
                let report = try await browser.run("datagrams", "sizes", join: gateway.join("raw"))
                #expect(report.error == nil)
                #expect(report.details("open").first?["limit"].int == 1_392)
                #expect(report.details("echoed").first?["sizes"].int == 1_393)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func whatIsTooLargeIsDroppedAndCounted(browser: Browser) async throws {
            try await withEcho { gateway in
                let report = try await browser.run("datagrams", "tooLarge", join: gateway.join("raw"))
                #expect(report.error == nil)
                let ended = try await gateway.ended()
                // Three of the page's, and one of the server's two: what ENet could not have sent is not even read.
                #expect(ended["drop_messageTooLarge"] == "5")
            }
        }

        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available, ["announced", "reliable", "negotiated"])
        func anyChannelWillDo(browser: Browser, kind: String) async throws {
            try await withEcho { gateway in
                let report = try await browser.run(
                    "datagrams", "kinds", join: gateway.join("raw"), parameters: ["kind": kind])
                #expect(report.error == nil)
            }
        }

        @Test(.requires(.chromium, .firefox), arguments: Browser.available)
        func thereIsOneChannel(browser: Browser) async throws {
            try await withEcho { gateway in
                let report = try await browser.run("datagrams", "second", join: gateway.join("raw"))
                #expect(report.error == nil)
                let ended = try await gateway.ended()
                #expect(ended["drop_channelLimit"] == "1")
            }
        }

        @Test(.requires(.chromium)) func aServerThatIsNotThereIsReported() async throws {
            let port = try UnusedPort.udp()
            try await GatewayProgram.serving(["raw=udp://127.0.0.1:\(port)"]) { gateway in
                let report = try await Browser.chromium.run("datagrams", "unreachable", join: gateway.join("raw"))
                #expect(report.error == nil)
                #expect(report.details("ended").first?["how"] == .string("channels closed"))
                let ended = try await gateway.ended()
                #expect(ended["reason"] == "server-not-there")
            }
        }

        /// 200 kB over HTTP there and back, through kcptun and a page, with all of kcptun's defaults.
        @Test(.requires(.chromium, .firefox, .kcptun), arguments: Browser.available)
        func aKCPSessionGoesThroughAPage(browser: Browser) async throws {
            let target = try ReportServer()
            defer { target.close() }
            try await KCPTunnel.server(target: target.port) { serverPort in
                let carried = try await carrying(by: browser, to: serverPort) { carrier in
                    try await KCPTunnel.client(server: carrier.port) { port in
                        try await echoOverHTTP(port: port, count: 200_000)
                    }
                    // Its default MTU.
                    #expect(carrier.largest == 1_350)
                }
                #expect(carried["largest_down"].int == 1_350)
            }
        }

        /// A handshake and 200 kB on a stream there and back, between aioquic's server and, through a page, its client.
        @Test(.requires(.chromium, .firefox, .aioquic), arguments: Browser.available)
        func aQUICConnectionGoesThroughAPage(browser: Browser) async throws {
            try await QUICProgram.server { server, serverPort, certificate in
                let carried = try await carrying(by: browser, to: serverPort) { carrier in
                    try await QUICProgram.client(certificate: certificate, port: carrier.port, bytes: 200_000) {
                        client in
                        let received = try await client.event("received", within: .seconds(60))
                        #expect(received["equal"] == .bool(true))
                        let exit = try await client.process.exit()
                        #expect(exit == .code(0))
                    }
                    #expect(carrier.largest >= 1_200)
                }
                #expect((carried["largest_down"].int ?? 0) >= 1_200)
                try await server.event("handshake")
                try await server.event("echoed") { $0["bytes"].int == 200_000 }
            }
        }

        /// A page carries datagrams between what `body` starts and a UDP port while that runs; what the page counted.
        private func carrying(
            by browser: Browser, to port: UInt16, _ body: (UDPCarrier) async throws -> Void
        ) async throws -> JSONValue {
            try await GatewayProgram.serving(["raw=udp://127.0.0.1:\(port)"]) { gateway in
                try await UDPCarrier.running { carrier in
                    let report = try await browser.run(
                        "datagrams", "carry", join: gateway.join("raw"), carrier: carrier
                    ) { page in
                        _ = try await page.step("carrying")
                        try await body(carrier)
                        page.stop()
                    }
                    #expect(report.error == nil)
                    let ended = try await gateway.ended()
                    #expect(ended["drop_messageTooLarge"] == nil)
                    return try #require(report.details("carried").first)
                }
            }
        }

        private func echoOverHTTP(port: UInt16, count: Int) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "torii-kcp-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let sent = Data((0..<count).map { _ in UInt8.random(in: 0...255) })
            try sent.write(to: folder.appending(path: "sent"))
            let path = folder.path(percentEncoded: false)
            let arguments = [
                "--silent", "--show-error", "--fail", "--max-time", "60", "--data-binary", "@\(path)/sent",
                "--output", "\(path)/received", "http://127.0.0.1:\(port)/echo",
            ]
            try await ChildProcess.running("curl", arguments) { curl in
                let exit = try await curl.exit(within: .seconds(70))
                #expect(exit == .code(0), "\(curl.errors.entries)")
            }
            let received = try Data(contentsOf: folder.appending(path: "received"))
            #expect(received == sent)
        }

        private func withEcho(
            _ options: String = "", _ body: (GatewayProgram) async throws -> Void
        ) async throws {
            try await UDPEchoServer.running { server in
                let route = "raw=udp://127.0.0.1:\(server.port)\(options)"
                try await GatewayProgram.serving([route]) { try await body($0) }
            }
        }
    }
}
