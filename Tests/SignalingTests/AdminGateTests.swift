import Primitives
import Testing

@testable import Signaling

/// Who is let in to the admin's port.
@Suite(.timeLimit(.minutes(1))) struct AdminGateTests {
    @Test(arguments: ["localhost", "LocalHost:9465", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:9465"])
    func aHostOfThisMachineIsTaken(host: String) async throws {
        try await withAdmin(AdminTestControl()) { server in
            try await server.expect(200, to: adminRequest("GET /api/gateway", host: host))
            try await server.expect(200, to: adminRequest("GET /api/gateway", host: host, ["Origin: http://\(host)"]))
            try await server.expect(200, to: adminRequest("GET /", host: host, token: nil))
        }
    }

    /// A page elsewhere whose name leads here.
    @Test(arguments: [
        "evil.example", "evil.example:9465", "192.0.2.1:9465", "localhost.evil.example", "127.0.0.1.evil.example",
        "[::2]", "[", "", "127.0.0.1@evil.example", "localhost:9465:1", "0.0.0.0:9465", "127.0.0.1:x",
    ])
    func anotherHostIsRefused(host: String) async throws {
        try await withAdmin(AdminTestControl()) { server in
            for line in ["GET /api/gateway", "GET /", "GET /openapi.yaml"] {
                let reply = try await server.answer(adminRequest(line, host: host))
                #expect(reply.status == 403)
                #expect(reply.body.hasPrefix("The Host header must be localhost"))
            }
        }
    }

    @Test(arguments: [
        "Origin: https://evil.example", "Origin: http://localhost:3000", "Origin: null",
        "Origin: http://localhost\r\nOrigin: http://a", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
    ])
    func pagesOfOtherSitesAreRefused(header: String) async throws {
        try await withAdmin(AdminTestControl()) { server in
            let reply = try await server.answer(adminRequest("DELETE /api/drain", [header]))
            #expect(reply.status == 403)
            #expect(reply.body.hasPrefix("Pages of other sites may not ask here"))
            #expect(reply.fields.allSatisfy { !$0.name.hasPrefix("Access-Control") })
        }
    }

    /// A link in somebody's notes leads to the page.
    @Test func aLinkToThePageWorks() async throws {
        try await withAdmin(AdminTestControl()) { server in
            try await server.expect(200, to: adminRequest("GET /", token: nil, ["Sec-Fetch-Site: cross-site"]))
            for site in ["same-origin", "none"] {
                try await server.expect(200, to: adminRequest("GET /api/gateway", ["Sec-Fetch-Site: \(site)"]))
            }
        }
    }

    @Test(arguments: [nil, "Authorization: Basic MTIzOjEyMw==", "Authorization: Bearer"])
    func withoutATokenNothingIsTold(header: String?) async throws {
        try await withAdmin(AdminTestControl()) { server in
            for line in ["GET /api/gateway", "GET /api/nothing", "PUT /api/drain"] {
                let reply = try await server.answer(adminRequest(line, token: nil, header.map { [$0] } ?? []))
                #expect(reply.status == 401)
                #expect(reply["WWW-Authenticate"] == [#"Bearer realm="torii admin""#])
                #expect(reply.body.hasPrefix("The token is missing; "))
            }
        }
    }

    @Test func wrongTokensAreCountedAndFew() async throws {
        let token = AdminTokenInUse(Array(adminToken.utf8))
        try await withAdmin(AdminTestControl(), token: token) { server in
            try await TestClient.connect(to: server) { operatorsClient in
                try await operatorsClient.send(adminRequest("GET /api/gateway"))
                #expect(try await operatorsClient.reply().status == 200)
                var statuses: [Int] = []
                // More than can come in the time that this takes.
                while statuses.last != 429, statuses.count < 1000 {
                    let reply = try await server.answer(
                        adminRequest("GET /api/gateway", token: adminToken + "x"))
                    statuses.append(reply.status)
                    if reply.status == 401 {
                        #expect(
                            reply["WWW-Authenticate"] == [#"Bearer realm="torii admin", error="invalid_token""#])
                    } else {
                        #expect(reply["Retry-After"] == ["1"])
                        #expect(reply.body == "Too many wrong tokens came; try again in a second.\n")
                    }
                }
                #expect(statuses.count > AdminGate.guessRate)
                #expect(statuses.dropLast().allSatisfy { $0 == 401 } && statuses.last == 429)
                #expect(token.wrongCount == UInt64(statuses.count - 1))
                // Who is in stays in.
                try await operatorsClient.send(adminRequest("GET /api/gateway"))
                let reply = try await operatorsClient.reply()
                #expect(reply.status == 200)
                #expect(reply.body.contains(#""wrongTokens":\#(statuses.count - 1),"#))
            }
        }
    }

    /// While others guess, and when they have stopped, by a clock that the test turns.
    @Test func theRightTokenWorksAgainSoon() throws {
        let gate = AdminGate(token: AdminTokenInUse(Array(adminToken.utf8)))
        let places = (1...9).map { TransportAddress(ipv4: 0x7F00_0001, port: $0) }
        var now = Instant(nanoseconds: 1)
        func status(_ token: String, from place: Int) -> UInt? {
            gate.refusal(of: ["authorization": "Bearer \(token)"], from: places[place], at: now)?.status.code
        }
        for _ in 1...AdminGate.guessRate { #expect(status("wrong", from: 0) == 401) }
        // Not even the right one is looked at, for it may be a guess.
        #expect(status(adminToken, from: 1) == 429)
        now = now + 200
        #expect(status(adminToken, from: 1) == nil)
        #expect(status("wrong", from: 0) == 401)
        #expect(status("wrong", from: 0) == 429)
        #expect(status(adminToken, from: 1) == nil)
        // A connection is known by its last token.
        #expect(status("wrong", from: 1) == 401)
        #expect(status(adminToken, from: 1) == 429)
    }

    @Test func aNewTokenReplacesTheOld() async throws {
        let token = AdminTokenInUse(Array(adminToken.utf8))
        try await withAdmin(AdminTestControl(), token: token) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(adminRequest("GET /api/gateway"))
                #expect(try await client.reply().status == 200)
                token.replace(with: Array("another token here".utf8))
                try await client.send(adminRequest("GET /api/gateway"))
                #expect(try await client.reply().status == 401)
                try await client.send(adminRequest("GET /api/gateway", token: "another token here"))
                #expect(try await client.reply().status == 200)
            }
        }
    }

    @Test func anEmptyTokenIsNobodys() {
        let token = AdminTokenInUse([])
        #expect(!token.isRight("") && !token.isRight("a"))
        #expect(token.wrongCount == 2)
    }

    @Test func anAddressInUseIsNamed() async throws {
        let control = try await AdminTestControl()
        try await withAdmin(control) { server in
            let address = server.localAddress
            let error = await #expect(throws: AdminStartError.self) {
                try await AdminServer.start(
                    host: address.host, port: address.port, token: AdminTokenInUse([1]), control: control)
            }
            #expect(error?.description.hasPrefix("Cannot serve the admin page at \(address): ") == true)
        }
    }
}
