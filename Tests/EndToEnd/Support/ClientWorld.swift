import Testing

/// What the tests of the client library play in: the plain libenet echo server, and the gateway before it.
enum ClientWorld {
    static func running(
        _ options: [String] = [], _ body: (GatewayProgram, ServerProgram) async throws -> Void
    ) async throws {
        try await ENetProgram.echoServer { server, port in
            try await GatewayProgram.serving([route(to: port)], options: options) { gateway in
                try await body(gateway, server)
            }
        }
    }

    /// The same, with a front whose address stays and which the page joins by.
    static func behindFront(
        _ options: [String] = [], _ body: (HTTPFront, GatewayProgram, ServerProgram) async throws -> Void
    ) async throws {
        try await running(options) { gateway, server in
            try await HTTPFront.running { front in
                front.lead(to: gateway)
                try await body(front, gateway, server)
            }
        }
    }

    static func route(to port: Int) -> String { "world=enet://127.0.0.1:\(port)?profile=channels" }
}
