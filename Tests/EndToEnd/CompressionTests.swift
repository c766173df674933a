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

        /// As a Godot 3.4 server does unless told otherwise; 3.2 has to be told.
        @Test(.requires(.chromium, .godot3), arguments: Compression.allCases.filter { $0 != .none })
        func aGodot3ServerCompresses(compression: Compression) async throws {
            let name = compression.rawValue
            try await GodotProgram.server3(["--compression", name]) { server, port in
                let route = "world=enet://127.0.0.1:\(port)?profile=godot3&compression=\(name)"
                try await GatewayProgram.serving([route]) { gateway in
                    let report = try await Browser.chromium.run(
                        "godot", "godot3", join: gateway.join("world"), parameters: ["peer_id": "303"])
                    #expect(report.error == nil)
                    #expect(report.details("echo").compactMap { $0["stream"].int } == [1, 2, 3, 1])
                    try await server.event("raw") { $0["from"].int == 303 && $0["size"].int == 50_009 }
                }
            }
        }

        /// Before anybody plays, but for zstd, older ones of which make nothing of the short commands of a handshake: it
        /// shows with the greeting at the latest.
        @Test(.requires(.chromium, .godot4), arguments: Compression.allCases.filter { $0 != .none })
        func aServerThatCompressesUnexpectedlyIsNamed(compression: Compression) async throws {
            try await withGodot(compression, ["--greet"], route: .none) { gateway, _ in
                let words = try await sentence(gateway)
                #expect(words.contains("The game server compresses with \(compression.rawValue)"), "\(words)")
            }
        }

        @Test(.requires(.chromium, .godot4)) func aServerThatDoesNotCompressIsNamed() async throws {
            // What is waited for is a timeout, so all wait at once.
            try await withThrowingTaskGroup { group in
                for compression in Compression.allCases where compression != .none {
                    group.addTask {
                        try await withGodot(.none, route: compression) { gateway, server in
                            let words = try await sentence(gateway)
                            let start = "The game server reads nothing that is compressed with \(compression.rawValue)"
                            #expect(words.contains(start), "\(words)")
                            // It is told goodbye.
                            try await server.event("peer_disconnected") { $0["id"].int == 77 }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test(.requires(.chromium, .godot4)) func aServerThatCompressesOtherwiseIsNamed() async throws {
            try await withGodot(.rangeCoder, route: .zlib) { gateway, _ in
                let words = try await sentence(gateway)
                #expect(words.contains("compresses with range-coder, but its route says zlib"), "\(words)")
            }
        }

        /// What the page and the log say when player 77 cannot play.
        private func sentence(_ gateway: GatewayProgram) async throws -> String {
            let report = try await Browser.chromium.run(
                "godot", "unreachable", join: gateway.join("world"), parameters: ["peer_id": "77"])
            #expect(report.error == nil)
            let errors = report.details("ended").first?["errors"].array ?? []
            let ended = try await gateway.ended()
            #expect(ended["reason"] == "server-compression-differs")
            return errors.compactMap { $0["message"].string }.joined(separator: " ")
        }

        private func withGodot(
            _ compression: Compression, _ options: [String] = [], route: Compression,
            _ body: (GatewayProgram, ServerProgram) async throws -> Void
        ) async throws {
            try await GodotProgram.server4(["--compression", compression.rawValue] + options) { server, port in
                let route = "world=enet://127.0.0.1:\(port)?compression=\(route.rawValue)"
                try await GatewayProgram.serving([route]) { gateway in
                    try await body(gateway, server)
                }
            }
        }
    }
}
