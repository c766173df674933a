import Foundation
import Gateway
import SimulationSupport
import Testing

@testable import Signaling

@Suite struct SessionTests {
    private func joined(_ server: SignalingServer) async throws -> String {
        let reply = try await server.answer(post("/join/game", offer()))
        return try #require(reply["Location"].first)
    }

    /// The document's members that are not null.
    private func document(_ reply: Reply) throws -> [String: String] {
        #expect(reply.status == 200)
        #expect(reply["Content-Type"] == ["application/json"])
        #expect(reply["Cache-Control"] == ["no-store"])
        #expect(reply.body.contains("\"reason\":") && reply.body.contains("\"code\":"))
        return try JSONDecoder().decode([String: String?].self, from: Data(reply.body.utf8)).compactMapValues { $0 }
    }

    @Test(.onTheSCTPStack) func statusFollowsTheSession() async throws {
        let control = try await TestControl()
        try await withServer(control) { server in
            let location = try await joined(server)
            let joining = try document(await server.answer(request("GET \(location)")))
            #expect(joining == ["state": "joining"])

            let left = try await server.answer(request("DELETE \(location)"))
            #expect(left.status == 200)
            #expect(left.body == "")
            await control.passTime()

            let ended = try document(await server.answer(request("GET \(location)")))
            #expect(ended == ["state": "ended", "reason": "The player left.", "code": "player-left"])
            try await server.expect(404, to: request("DELETE \(location)"))
        }
    }

    @Test(arguments: [
        "/session/00000000000000000000000000000000", "/session/0", "/session/",
        "/session/\(String(repeating: "z", count: 32))",
    ])
    func unknownSessions(path: String) async throws {
        try await withServer(TestControl()) { server in
            // PATCH looks at its body first where the id could be one.
            let isID = SessionID(path.dropFirst("/session/".count)) != nil
            for method in ["GET", "HEAD", "DELETE"] + (isID ? [] : ["PATCH"]) {
                try await server.expect(404, to: request("\(method) \(path)"))
            }
        }
    }

    @Test(arguments: ["POST", "PUT"])
    func otherMethodsAreRefused(method: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("\(method) \(try await joined(server))"))
            #expect(reply.status == 405)
            #expect(reply["Allow"] == ["GET, HEAD, PATCH, DELETE, OPTIONS"])
        }
    }

    @Test func everyReasonIsJSON() throws {
        for reason: EndReason in [
            .dtlsFailed("a \"quoted\" \\ word\n\u{1}\u{7F}é"), .serverClosed(data: 7), .playerLeft,
        ] {
            let bytes = StatusDocument.encode(.ending(reason))
            let document = try JSONDecoder().decode([String: String].self, from: Data(bytes))
            #expect(document == ["state": "ending", "reason": reason.sentence, "code": reason.label])
        }
    }

    @Test func healthFollowsReadiness() async throws {
        let control = try await TestControl()
        try await withServer(control) { server in
            try await server.expect(200, to: request("GET /health/live"))
            try await server.expect(200, to: request("GET /health/ready"))
            await control.setReadiness(.notReady("The gateway is stopping."))
            let ready = try await server.answer(request("GET /health/ready"))
            #expect(ready.status == 503)
            #expect(ready.body == "The gateway is stopping.\n")
            try await server.expect(200, to: request("GET /health/live"))
            let head = try await server.answer(request("HEAD /health/live"))
            #expect(head.status == 200)
            let post = try await server.answer(request("POST /health/live"))
            #expect(post.status == 405)
            #expect(post["Allow"] == ["GET, HEAD, OPTIONS"])
        }
    }
}
