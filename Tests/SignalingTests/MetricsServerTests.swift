import Testing

@testable import Signaling

/// The listener for Prometheus.
@Suite(.timeLimit(.minutes(1))) struct MetricsServerTests {
    private func withServer(_ body: (MetricsServer) async throws -> Void) async throws {
        let server = try await MetricsServer.start(
            host: "127.0.0.1", port: 0, mediaType: "text/plain; version=0.0.4"
        ) { "a_total 1\n" }
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func reply(_ server: MetricsServer, _ line: String) async throws -> Reply {
        try await server.server.answer("\(line) HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n")
    }

    @Test(arguments: ["/metrics", "/metrics?x=1", "http://a/metrics"]) func thePageIsThere(target: String) async throws
    {
        try await withServer { server in
            let reply = try await reply(server, "GET \(target)")
            #expect(reply.status == 200)
            #expect(reply.body == "a_total 1\n")
            #expect(reply["Content-Type"] == ["text/plain; version=0.0.4"])
            #expect(reply["Cache-Control"] == ["no-store"])
            // Other than signaling's, it is not for pages of other origins.
            #expect(reply["Access-Control-Allow-Origin"].isEmpty)
            let head = try await self.reply(server, "HEAD \(target)")
            #expect(head.status == 200 && head["Content-Length"] == ["10"])
        }
    }

    @Test(arguments: [
        ("GET /", 404), ("GET /metrics/", 404), ("GET /join/world", 404), ("GET /%zz", 404), ("OPTIONS *", 404),
        ("POST /metrics", 405), ("DELETE /metrics", 405), ("OPTIONS /metrics", 405), ("nonsense", 400),
    ])
    func nothingElseIs(line: String, status: Int) async throws {
        try await withServer { server in
            let reply = try await reply(server, line)
            #expect(reply.status == status)
            #expect(reply.body.hasSuffix(".\n"))
            #expect(reply["Access-Control-Allow-Origin"].isEmpty)
            #expect(reply["Allow"] == (status == 405 ? ["GET, HEAD"] : []))
        }
    }

    @Test func anAddressInUseIsNamed() async throws {
        try await withServer { server in
            let address = server.localAddress
            let error = await #expect(throws: MetricsStartError.self) {
                try await MetricsServer.start(host: address.host, port: address.port, mediaType: "a/b") { "" }
            }
            #expect(error?.cause == .addressInUse(address.description))
            #expect(error?.description.hasPrefix("Cannot serve metrics at \(address): ") == true)
        }
    }
}
