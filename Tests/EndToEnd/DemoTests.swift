import Testing

extension BrowserTests {
    /// `torii demo` as a first-time user meets it: the page in two browsers and native players in one world.
    @Suite struct DemoTests {
        @Test(.requires(.chromium, .firefox)) func browsersAndNativePlayersMeet() async throws {
            let gamePort = try UnusedPort.udp()
            try await GatewayProgram.running(["demo", "--game-port", "\(gamePort)"]) { gateway in
                try await ENetProgram.observer(port: Int(gamePort)) { observer in
                    // The bots: they are there, and they move.
                    for name in ["Kitsune", "Tanuki"] {
                        let bot = try await joined(observer) { $0["name"].string == name }
                        #expect(bot["kind"].string == "native")
                        try await observer.event("moved") { $0["id"] == bot["id"] }
                    }
                    try await Browser.chromium.open("\(gateway.origin)/") {
                        let first = try await joined(observer) { $0["kind"].string == "web" }
                        try await Browser.firefox.open("\(gateway.origin)/") {
                            let second = try await joined(observer) {
                                $0["kind"].string == "web" && $0["id"] != first["id"]
                            }
                            // A bot greets a web player by name: it sees it in the same world.
                            let name = try #require(second["name"].string)
                            try await observer.event("chat") { $0["text"].string?.contains(name) == true }
                        }
                    }
                }
            }
        }

        private func joined(
            _ observer: ServerProgram, where wanted: @escaping @Sendable (JSONValue) -> Bool
        ) async throws -> JSONValue {
            try await observer.event("joined", within: .seconds(30), where: wanted)
        }
    }
}
