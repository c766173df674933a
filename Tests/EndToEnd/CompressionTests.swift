import ENet
import Testing

extension BrowserTests {
    /// The game server compresses: a real Godot 4.6 in each of its ways, and routes that say otherwise.
    @Suite struct CompressionTests {
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Compression.allCases)
        func everyWayCarriesMessagesBothWays(compression: Compression) async throws {
            try await withGodot(compression, route: compression) { gateway, server in
                for browser in Browser.available {
                    let report = try await browser.run("godot", "repeating", join: gateway.join("world"))
                    #expect(report.error == nil)
                    #expect(report.details("echo").count == 5)
                }
                server.command("traffic")
                let traffic = try await server.event("traffic")
                // 63,001 bytes there and back for each page, and some of them twice if they were late.
                let pages = Browser.available.count
                for way in ["sent", "received"] {
                    let bytes = try #require(traffic[way].int)
                    #expect(compression == .none ? bytes > pages * 63_000 : bytes < pages * 20_000, "\(way) \(bytes)")
                }
            }
        }

        @Test(.requires(.chromium, .godot4), arguments: Compression.allCases.filter { $0 != .none })
        func aServerThatCompressesUnexpectedlyIsNamed(compression: Compression) async throws {
            try await withGodot(compression, route: .none) { gateway, server in
                let words = try await sentence(gateway) {
                    // zstd makes nothing of the short commands of a handshake, and shows with the first data.
                    guard compression == .zstd else { return }
                    try await server.event("peer_connected")
                    server.command("send 77 reliable 0 1000 1")
                    try await server.event("obeyed")
                }
                #expect(words.contains("The game server compresses with \(compression.rawValue)"), "\(words)")
            }
        }

        @Test(.requires(.chromium, .godot4), arguments: Compression.allCases.filter { $0 != .none })
        func aServerThatDoesNotCompressIsNamed(compression: Compression) async throws {
            try await withGodot(.none, route: compression) { gateway, server in
                let words = try await sentence(gateway) {}
                let start = "The game server reads nothing that is compressed with \(compression.rawValue)"
                #expect(words.contains(start), "\(words)")
                // It is told goodbye.
                try await server.event("peer_disconnected") { $0["id"].int == 77 }
            }
        }

        @Test(.requires(.chromium, .godot4)) func aServerThatCompressesOtherwiseIsNamed() async throws {
            try await withGodot(.rangeCoder, route: .zlib) { gateway, _ in
                let words = try await sentence(gateway) {}
                #expect(words.contains("compresses with range-coder, but its route says zlib"), "\(words)")
            }
        }

        /// What the page and the log say when player 77 cannot play.
        private func sentence(
            _ gateway: GatewayProgram, _ meanwhile: @Sendable () async throws -> Void
        ) async throws -> String {
            let report = try await Browser.chromium.run(
                "godot", "unreachable", join: gateway.join("world"), parameters: ["peer_id": "77"]
            ) { page in
                _ = try await page.step("answered")
                try await meanwhile()
            }
            #expect(report.error == nil)
            let errors = report.details("ended").first?["errors"].array ?? []
            let ended = try await gateway.ended()
            #expect(ended["reason"] == "server-compression-differs")
            return errors.compactMap { $0["message"].string }.joined(separator: " ")
        }

        private func withGodot(
            _ compression: Compression, route: Compression,
            _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4(["--compression", compression.rawValue]) { server, port in
                let route = "world=enet://127.0.0.1:\(port)?compression=\(route.rawValue)"
                try await GatewayProgram.serving([route]) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
