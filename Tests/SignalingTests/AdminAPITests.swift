import Gateway
import JOSE
import Testing

@testable import Signaling

/// The admin's API over HTTP, with a real core behind it.
@Suite(.timeLimit(.minutes(1))) struct AdminAPITests {
    private func json(_ server: SignalingServer, _ line: String) async throws -> JSON {
        let reply = try await server.answer(adminRequest(line))
        #expect(reply.status == 200, "\(line): \(reply.body)")
        #expect(reply["Content-Type"] == ["application/json"])
        #expect(reply["Cache-Control"] == ["no-store"])
        #expect(reply["X-Content-Type-Options"] == ["nosniff"])
        return try #require(JSON(parsing: Array(reply.body.utf8)), "\(reply.body)")
    }

    @Test func theGatewayIsTold() async throws {
        let control = try await AdminTestControl()
        try await control.join()
        try await control.join("godot")
        try await withAdmin(control) { server in
            let gateway = try await json(server, "GET /api/gateway")
            #expect(gateway["version"]?.string == "1.2.3")
            #expect(gateway["uptimeMs"]?.number == 42)
            #expect(gateway["state"]?.string == "serving")
            #expect(gateway["logLevel"]?.string == "info")
            #expect(gateway["sessions"]?["total"]?.number == 2)
            #expect(gateway["sessions"]?["joining"]?.number == 2)
            #expect(gateway["sessions"]?["limit"]?.number == 1000)
            #expect(gateway["joins"]?.number == 2)
            #expect(gateway["toServer"]?["messages"]?.number == 0)
            let turns = try #require(gateway["worker"]?["turns"])
            #expect(turns["boundsMs"]?.elements?.first?.number == 0.1)
            #expect((turns["counts"]?.elements?.count ?? 0) == (turns["boundsMs"]?.elements?.count ?? 0) + 1)
            let head = try await server.answer(adminRequest("HEAD /api/gateway"))
            #expect(head.status == 200)
        }
    }

    @Test func sessionsComeSomeAtATimeAndEachOnce() async throws {
        let control = try await AdminTestControl()
        var ids: [String] = []
        for _ in 1...5 { ids.append(try await "\(control.join())") }
        try await withAdmin(control) { server in
            var seen: [String] = []
            var line = "GET /api/sessions?limit=2"
            while seen.count < 10 {
                let answer = try await json(server, line)
                let sessions = try #require(answer["sessions"]?.elements)
                seen += sessions.compactMap { $0["id"]?.string }
                for session in sessions {
                    #expect(session["state"]?.string == "joining")
                    #expect(session["name"]?.string == session["id"]?.string.map { String($0.prefix(8)) })
                    #expect(session["server"]?.string == "127.0.0.1:7777")
                    #expect(session["browser"] == .null && session["transport"] == .null)
                }
                guard let next = answer["next"]?.number else { break }
                line = "GET /api/sessions?limit=2&after=\(Int(next))"
            }
            #expect(seen == ids)
            let all = try await json(server, "GET /api/sessions")
            #expect(all["sessions"]?.elements?.count == 5 && all["next"] == .null)
            #expect(try await json(server, "GET /api/sessions?after=65535")["sessions"]?.elements?.count == 0)
        }
    }

    @Test func aSessionIsFoundByEitherNameAndRemoved() async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        try await control.join()
        try await withAdmin(control) { server in
            for name in ["\(id)", id.shortened] {
                let session = try await json(server, "GET /api/sessions/\(name)")
                #expect(session["id"]?.string == "\(id)")
                #expect(session["timeline"]?.elements?.compactMap { $0["event"]?.string } == ["joined"])
                #expect(session["leftOut"]?.number == 0)
            }
            try await server.expect(
                204, to: adminRequest("DELETE /api/sessions/\(id)?reason=Too%20loud&disconnect_data=7"))
            await control.passTime()
            let session = try await json(server, "GET /api/sessions/\(id)")
            #expect(session["state"]?.string == "ended")
            let end = try #require(session["timeline"]?.elements?.last)
            #expect(end["event"]?.string == "ended" && end["code"]?.string == "removed-by-operator")
            #expect(end["reason"]?.string == "An operator removed the player: Too loud.")
            try await server.expect(404, to: adminRequest("DELETE /api/sessions/\(id)"))
            let ended = try await json(server, "GET /api/ended-sessions?limit=1")
            #expect(ended["sessions"]?.elements?.count == 1)
        }
    }

    @Test(arguments: [
        ("DELETE /api/sessions/00000000", 409, "Several sessions have ids that begin with this"),
        ("GET /api/sessions/00000000", 409, "Several sessions have ids that begin with this"),
        ("GET /api/sessions/ffffffff", 404, "There is no such session"),
        ("DELETE /api/sessions/x", 404, "There is no such session"),
        ("GET /api/sessions/0123456789abcdef0123456789abcdef", 404, "There is no such session"),
        ("DELETE /api/sessions/0123456789abcdef0123456789abcdef", 404, "There is no such session"),
        ("GET /api/sessions/", 404, "There is nothing at this path"),
        ("GET /api", 404, "There is nothing at this path"), ("GET /api/x", 404, "There is nothing at this path"),
        ("GET /nothing", 404, "There is nothing at this path"), ("GET /%zz", 400, "The request's path"),
        ("GET /api/sessions?limit=0", 400, "The query parameter limit must be a number from 1 to 200."),
        ("GET /api/sessions?limit=201", 400, "The query parameter limit must be a number from 1 to 200."),
        ("GET /api/sessions?limit=%2B1", 400, "The query parameter limit must be a number from 1 to 200."),
        ("GET /api/sessions?after=65536", 400, "The query parameter after must be a number from 0 to 65535."),
        ("GET /api/sessions?limit=1&limit=1", 400, "The query parameter limit is there more than once"),
        ("GET /api/sessions?x=1", 400, #"The query parameter "x" is unknown; use limit or after."#),
        ("GET /api/gateway?x=1", 400, #"The query parameter "x" is unknown; leave it out."#),
        ("GET /api/sessions/ffffffff?reason=a", 400, #"The query parameter "reason" is unknown"#),
        ("DELETE /api/sessions/ffffffff?reason=", 400, "The query parameter reason must be 1 to 200 bytes"),
        ("DELETE /api/sessions/ffffffff?reason=%20", 400, "The query parameter reason must be 1 to 200 bytes"),
        ("DELETE /api/sessions/ffffffff?reason=a%0Ab", 400, "The query parameter reason must be 1 to 200 bytes"),
        ("DELETE /api/sessions/ffffffff?reason=%E2%80%AE", 400, "The query parameter reason must be 1 to 200"),
        (
            "DELETE /api/sessions/ffffffff?reason=\(String(repeating: "a", count: 201))", 400,
            "The query parameter reason must be 1 to 200 bytes"
        ),
        (
            "DELETE /api/sessions/ffffffff?disconnect_data=4294967296", 400,
            "The query parameter disconnect_data must be a number from 0 to 4294967295."
        ),
    ])
    func whatCannotBeIsSaid(line: String, status: Int, sentence: String) async throws {
        let control = try await AdminTestControl()
        for _ in 1...2 { try await control.join() }
        try await withAdmin(control) { server in
            let reply = try await server.answer(adminRequest(line))
            #expect(reply.status == status)
            #expect(reply.body.hasPrefix(sentence), "\(reply.body)")
            #expect(reply.body.hasSuffix(".\n") && reply.body.split(separator: "\n").count == 1)
        }
    }

    @Test func disconnectDataIsForRoutesThatHaveIt() async throws {
        let control = try await AdminTestControl()
        let id = try await control.join("godot")
        try await withAdmin(control) { server in
            let reply = try await server.answer(adminRequest("DELETE /api/sessions/\(id)?disconnect_data=1"))
            #expect(reply.status == 400)
            #expect(reply.body.hasPrefix("disconnect_data is for routes with profile=channels"))
            #expect(await control.session(id)?.details != nil)
        }
    }

    @Test(arguments: AdminResource.allCases) func eachResourceHasItsMethods(resource: AdminResource) async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        let path = resource.path.replacing("{id}", with: "\(id)")
        try await withAdmin(control) { server in
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
                let reply = try await server.answer(adminRequest("\(method) \(path)"))
                if resource.methods.contains(where: { $0.rawValue == method }) {
                    // A PUT without a body cannot be taken.
                    #expect([200, 204, 415].contains(reply.status), "\(method) \(path)")
                    if method == "DELETE", resource == .session { break }
                } else {
                    #expect(reply.status == 405, "\(method) \(path)")
                    #expect(reply["Allow"] == [resource.methods.map(\.rawValue).joined(separator: ", ")])
                }
            }
        }
    }

    @Test(arguments: AdminResource.allCases) func noResourceIsForWhoHasNoToken(resource: AdminResource) async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        let path = resource.path.replacing("{id}", with: "\(id)")
        #expect(resource.methods.count <= AdminGate.guessRate)
        try await withAdmin(control) { server in
            for method in resource.methods {
                try await server.expect(401, to: adminRequest("\(method.rawValue) \(path)", token: nil))
                try await server.expect(401, to: adminRequest("\(method.rawValue) \(path)", token: adminToken + "x"))
            }
        }
        #expect(await control.session(id)?.details != nil)
    }

    @Test func drainingIsSaidOutright() async throws {
        let control = try await AdminTestControl()
        try await withAdmin(control) { server in
            for (method, state) in [
                ("POST", "draining"), ("POST", "draining"), ("DELETE", "serving"), ("DELETE", "serving"),
            ] {
                let reply = try await server.answer(adminRequest("\(method) /api/drain"))
                #expect(reply.status == 200 && reply.body == #"{"state":"\#(state)"}"#)
                #expect(try await json(server, "GET /api/gateway")["state"]?.string == state)
            }
            await control.depart()
            // With nobody there it stops at once.
            #expect(try await server.answer(adminRequest("POST /api/drain")).body == #"{"state":"stopping"}"#)
            let reply = try await server.answer(adminRequest("DELETE /api/drain"))
            #expect(reply.status == 409 && reply.body.hasPrefix("The gateway is about to stop"))
        }
    }

    @Test(arguments: AdminLogLevel.allCases) func theLogLevelIsSet(level: AdminLogLevel) async throws {
        let control = try await AdminTestControl()
        try await withAdmin(control) { server in
            let body = #"{"level":"\#(level)"}"#
            let reply = try await server.answer(
                adminRequest("PUT /api/log-level", ["Content-Type: application/json; charset=utf-8"], body: body))
            #expect(reply.status == 200 && reply.body == body)
            #expect(control.logLevel == level)
            #expect(try await json(server, "GET /api/log-level")["level"]?.string == level.rawValue)
        }
    }

    @Test(arguments: [
        (#"{"level":"debug"}"#, "text/plain", 415), (#"{"level":"loud"}"#, "application/json", 400),
        (#"{"level":1}"#, "application/json", 400), ("{}", "application/json", 400), ("debug", "application/json", 400),
        (#"{"level":"debug","x":1}"#, "application/json", 400),
        (String(repeating: " ", count: 1025), "application/json", 413),
    ])
    func whatIsNoLevelIsRefused(body: String, type: String, status: Int) async throws {
        let control = try await AdminTestControl()
        try await withAdmin(control) { server in
            let reply = try await server.answer(
                adminRequest("PUT /api/log-level", ["Content-Type: \(type)"], body: body))
            #expect(reply.status == status)
            #expect(reply.body.hasSuffix(".\n"))
            #expect(control.logLevel == .info)
        }
    }

    @Test func serversAreListed() async throws {
        let control = try await AdminTestControl()
        try await control.join()
        try await withAdmin(control) { server in
            let routes = try #require(try await json(server, "GET /api/servers")["routes"]?.elements)
            #expect(routes.compactMap { $0["name"]?.string } == ["game", "godot"])
            let servers = try #require(routes[0]["servers"]?.elements)
            #expect(servers.count == 1 && servers[0]["state"]?.string == "up")
            #expect(servers[0]["name"]?.string == "127.0.0.1:7777" && servers[0]["sessions"]?.number == 1)
        }
    }

    @Test(arguments: [
        ("/", "text/html; charset=utf-8"), ("/admin.js", "text/javascript; charset=utf-8"),
        ("/admin.css", "text/css; charset=utf-8"), ("/openapi.yaml", "application/yaml"),
    ])
    func filesAreThereWithoutAToken(path: String, type: String) async throws {
        try await withAdmin(AdminTestControl()) { server in
            let reply = try await server.answer(adminRequest("GET \(path)", token: nil))
            #expect(reply.status == 200 && reply["Content-Type"] == [type])
            #expect(reply["Content-Security-Policy"] == [StaticFile.contentSecurityPolicy])
            #expect(reply["Cross-Origin-Resource-Policy"] == ["same-origin"])
            try await server.expect(405, to: adminRequest("POST \(path)", token: nil))
        }
    }

    /// Piece by piece; what is in it is `CaptureTests`' matter.
    @Test func aSessionIsCaptured() async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        try await withAdmin(control) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(adminRequest("POST /api/sessions/\(id)/capture?seconds=5&bytes=20000&payloads=1"))
                let head = try await client.read(through: "\r\n\r\n").lowercased()
                #expect(head.hasPrefix("http/1.1 200 ") && head.contains("content-type: application/x-pcapng"))
                #expect(head.contains("filename=\"\(id.shortened).pcapng\""), "\(head)")
                // A section header block (draft-ietf-opsawg-pcapng section 4.1), and the end, as time passes.
                #expect(try await !client.read(through: "\r\n").isEmpty)
                #expect(try await client.read(through: "0\r\n\r\n").hasPrefix("\n\r\r\n"))
                try await client.expectEnd()
            }
        }
    }

    @Test(arguments: [
        ("?seconds=0", 400, "seconds must be a number from 1 to 600"),
        ("?bytes=1", 400, "bytes must be a number from 16384"),
        ("?payloads=yes", 400, "payloads must be a number from 0 to 1"),
        ("?minutes=1", 400, "seconds or bytes or payloads"),
    ])
    func whatIsAskedOfACaptureIsChecked(query: String, status: Int, words: String) async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        try await withAdmin(control) { server in
            let reply = try await server.answer(adminRequest("POST /api/sessions/\(id)/capture\(query)"))
            #expect(reply.status == status && reply.body.contains(words), "\(reply.body)")
        }
    }

    @Test func whatCannotBeCapturedIsRefused() async throws {
        let control = try await AdminTestControl()
        let id = try await control.join()
        guard case .success = await control.capture(id, try CaptureOptions()) else {
            Issue.record("the first capture was refused")
            return
        }
        try await withAdmin(control) { server in
            let again = try await server.answer(adminRequest("POST /api/sessions/\(id)/capture"))
            #expect(again.status == 409 && again.body.contains("captured already"), "\(again.body)")
            let nobody = String(repeating: "0", count: 31) + "1"
            let other = try await server.answer(adminRequest("POST /api/sessions/\(nobody)/capture"))
            #expect(other.status == 404)
        }
    }
}
