import Foundation
import Gateway
import SimulationSupport
import Testing

@testable import Signaling

@Suite struct SessionTests {
    private func joined(_ server: SignalingServer, _ route: String = "game") async throws -> String {
        let reply = try await server.answer(post("/join/\(route)", offer()))
        return try #require(reply["Location"].first)
    }

    private struct Document: Decodable, Equatable {
        var state: String
        var reason: String?
        var code: String?
        var data: UInt32?
    }

    private func document(_ reply: Reply) throws -> Document {
        #expect(reply.status == 200)
        #expect(reply["Content-Type"] == ["application/json"])
        #expect(reply["Cache-Control"] == ["no-store"])
        #expect(["reason", "code", "data"].allSatisfy { reply.body.contains("\"\($0)\":") })
        return try JSONDecoder().decode(Document.self, from: Data(reply.body.utf8))
    }

    @Test(.onTheSCTPStack) func statusFollowsTheSession() async throws {
        let control = try await TestControl()
        try await withServer(control) { server in
            let location = try await joined(server)
            let joining = try document(await server.answer(request("GET \(location)")))
            #expect(joining == Document(state: "joining"))

            let left = try await server.answer(request("DELETE \(location)"))
            #expect(left.status == 200)
            #expect(left.body == "")
            await control.passTime()

            let ended = try document(await server.answer(request("GET \(location)")))
            #expect(ended == Document(state: "ended", reason: "The player left.", code: "player-left"))
            try await server.expect(404, to: request("DELETE \(location)"))
        }
    }

    @Test(.onTheSCTPStack) func disconnectDataGoesWithDELETE() async throws {
        let control = try await TestControl()
        try await withServer(control) { server in
            for (route, query, sentence) in [
                ("game", "disconnect_data=4294967296", "a number from 0 to 4294967295"),
                ("game", "disconnect_data=1&disconnect_data=1", "send it once"),
                ("game", "peer_id=2", "DELETE takes disconnect_data only"),
                ("godot", "disconnect_data=1", "profile=channels"), ("raw", "disconnect_data=1", "profile=channels"),
            ] {
                let location = try await joined(server, route)
                let refused = try await server.answer(request("DELETE \(location)?\(query)"))
                #expect(refused.status == 400)
                #expect(refused.body.contains(sentence))
                let status = try document(await server.answer(request("GET \(location)")))
                #expect(status == Document(state: "joining"))
            }
            let location = try await joined(server)
            try await server.expect(200, to: request("DELETE \(location)?disconnect_data=4294967295"))
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
            .dtlsFailed("a \"quoted\" \\ word\n\u{1}\u{7F}é"), .serverClosed(data: .max), .playerLeft,
        ] {
            let bytes = StatusDocument.encode(.ending(reason))
            let document = try JSONDecoder().decode(Document.self, from: Data(bytes))
            #expect(
                document
                    == Document(
                        state: "ending", reason: reason.sentence, code: reason.label, data: reason.serverData))
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
