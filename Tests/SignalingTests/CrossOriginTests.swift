import Testing

@testable import Signaling

@Suite(.timeLimit(.minutes(1))) struct CrossOriginTests {
    private static let preflight = [
        "Origin: https://game.example", "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type",
    ]

    @Test func preflightOfAJoin() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("OPTIONS /join/game", Self.preflight))
            #expect(reply.status == 204)
            #expect(reply["Access-Control-Allow-Origin"] == ["*"])
            #expect(reply["Access-Control-Allow-Methods"] == ["GET, HEAD, POST, PATCH, DELETE, OPTIONS"])
            #expect(reply["Access-Control-Allow-Headers"] == ["Content-Type, If-Match, Authorization"])
            #expect(reply["Access-Control-Max-Age"] == ["86400"])
            #expect(reply["Accept-Post"] == ["application/sdp"])
            #expect(reply["Allow"] == ["POST, OPTIONS"])
            #expect(reply["Access-Control-Allow-Private-Network"] == [])
            #expect(reply["Content-Length"] == [])
        }
    }

    @Test func privateNetworkIsAllowedWhenAsked() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(
                request("OPTIONS /join/game", Self.preflight + ["Access-Control-Request-Private-Network: true"]))
            #expect(reply["Access-Control-Allow-Private-Network"] == ["true"])
        }
    }

    @Test(arguments: ["/session/00000000000000000000000000000000", "/health/live", "/health/ready", "/nothing", "*"])
    func preflightOfOthers(target: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("OPTIONS \(target)", Self.preflight))
            #expect(reply.status == 204)
            #expect(reply["Access-Control-Allow-Origin"] == ["*"])
            #expect(reply["Accept-Post"] == [])
        }
    }

    private static let ours = "https://game.example"

    private func withOrigins(_ body: (SignalingServer) async throws -> Void) async throws {
        let admission = AdmissionInUse(Admission(.everyone, origins: AllowedOrigins([Self.ours])))
        try await withServer(TestControl(), admission: admission, body)
        #expect(admission.refusals.values.allSatisfy { $0 > 0 })
    }

    private func join(_ origins: [String]) throws -> String {
        request(
            "POST /join/game", ["Content-Type: application/sdp"] + origins.map { "Origin: \($0)" }, body: try offer())
    }

    /// Browsers do not show a page what is not for it, and keep answers for different pages apart.
    @Test func onlyPagesOfListedSitesJoin() async throws {
        try await withOrigins { server in
            let joined = try await server.answer(join([Self.ours]))
            #expect(joined.status == 201)
            #expect(joined["Access-Control-Allow-Origin"] == [Self.ours])
            #expect(joined["Vary"] == ["Origin"])
            for origins in [
                ["https://evil.example"], ["https://game.example.evil.example"], ["http://game.example"], ["null"],
                [Self.ours, "https://evil.example"], [Self.ours, Self.ours], [""],
            ] {
                let refused = try await server.answer(join(origins))
                #expect(refused.status == 403, "\(origins)")
                #expect(refused["Access-Control-Allow-Origin"] == [] && refused["Vary"] == ["Origin"])
                #expect(refused.body.hasPrefix("Pages of this site may not join here"))
            }
        }
    }

    /// A program that is no browser says what it likes.
    @Test func whoIsNoPageNeedsNoSite() async throws {
        try await withOrigins { server in
            let joined = try await server.answer(join([]))
            #expect(joined.status == 201)
            #expect(joined["Access-Control-Allow-Origin"] == [] && joined["Vary"] == ["Origin"])
        }
    }

    @Test func aPreflightOfAnotherSiteIsNotPassed() async throws {
        try await withOrigins { server in
            let passed = try await server.answer(request("OPTIONS /join/game", Self.preflight))
            #expect(passed["Access-Control-Allow-Origin"] == [Self.ours])
            let other = Self.preflight.map { $0.replacing("game.example", with: "evil.example") }
            let failed = try await server.answer(request("OPTIONS /join/game", other))
            #expect(failed.status == 204 && failed["Access-Control-Allow-Origin"] == [])
        }
    }

    /// A page on another origin must be able to read why it was refused, and where its session is.
    @Test func everyResponseIsReadable() async throws {
        try await withServer(TestControl(), site: StaticSite(files: ["index.html": []])) { server in
            let requests = [
                try post("/join/game", offer()), try post("/join/nowhere", offer()), post("/join/game", "x"),
                post("/join/game", type: nil, "x"), request("GET /join/game"), request("GET /nothing"),
                request("GET /health/live"), request("GET /"), request("DELETE /session/1"), request("GET /%"),
                "POST /join/game HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n", "nonsense\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
            ]
            for request in requests {
                let reply = try await server.answer(request)
                #expect(reply["Access-Control-Allow-Origin"] == ["*"])
                #expect(
                    reply["Access-Control-Expose-Headers"] == [
                        "Location, Torii-Peer-Id, Retry-After, Link, ETag, WWW-Authenticate"
                    ])
                #expect(reply["X-Content-Type-Options"] == ["nosniff"])
                #expect(reply["Date"].count == 1)
                if reply.status >= 400 {
                    #expect(reply["Content-Type"] == ["text/plain; charset=utf-8"])
                    #expect(reply.body.hasSuffix(".\n"))
                    #expect(reply.body.filter { $0 == "\n" }.count == 1)
                }
            }
        }
    }
}
