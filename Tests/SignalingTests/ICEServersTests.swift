import Foundation
import STUN
import Testing

@testable import Signaling

/// How a page learns of STUN and TURN servers: `Link` headers as WHIP has them (RFC 9725 §4.6), and a list it can read
/// before its offer.
@Suite(.timeLimit(.minutes(1))) struct ICEServersTests {
    private static let secret = Array("0123456789abcdef".utf8)
    private static let servers = ICEServers(
        stun: ["stun:turn.example:3478"],
        turn: ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp"], secret: secret,
        lifetime: 600)

    private struct Entry: Decodable, Equatable {
        let urls: [String]
        let username: String?
        let credential: String?
    }

    /// What a `Link` says.
    private struct Link: Equatable {
        let url: String
        let parameters: [String: String]

        init(_ text: String) throws {
            let parts = text.components(separatedBy: "; ")
            url = String(try #require(parts.first).dropFirst().dropLast())
            #expect(parts[0] == "<\(url)>")
            parameters = Dictionary(
                uniqueKeysWithValues: try parts.dropFirst().map { part in
                    let match = try #require(try #/([a-z-]+)="([^"]*)"/#.wholeMatch(in: part))
                    return (String(match.1), String(match.2))
                })
        }
    }

    /// The credential must be good for the time configured, counted from now.
    private func expectValid(_ username: String?, _ credential: String?, name: String? = nil) throws {
        let parts = try #require(username).split(separator: ":")
        let expiry = try #require(parts.first.flatMap { UInt64($0) })
        let now = UInt64(Date.now.timeIntervalSince1970)
        #expect((now + 540...now + 600).contains(expiry))
        let id = String(try #require(parts.last))
        #expect(id.count == 8 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        if let name { #expect(id == name) }
        #expect(credential == RelayCredential(secret: Self.secret, expiry: expiry, id: id)?.password)
    }

    private func expectLinks(_ reply: Reply, name: String? = nil) throws {
        let links = try reply["Link"].map { try Link($0) }
        try #require(
            links.map(\.url) == [
                "stun:turn.example:3478", "turn:turn.example:3478?transport=udp",
                "turns:turn.example:5349?transport=tcp",
            ])
        #expect(links[0].parameters == ["rel": "ice-server"])
        for link in links.dropFirst() {
            #expect(Set(link.parameters.keys) == ["rel", "username", "credential", "credential-type"])
            #expect(link.parameters["rel"] == "ice-server")
            #expect(link.parameters["credential-type"] == "password")
            try expectValid(link.parameters["username"], link.parameters["credential"], name: name)
        }
    }

    @Test func theAnswerToAnOfferNamesThem() async throws {
        try await withServer(TestControl(), iceServers: Self.servers) { server in
            let reply = try await server.answer(post("/join/game", offer()))
            #expect(reply.status == 201)
            let session = try #require(reply["Location"].first?.split(separator: "/").last)
            try expectLinks(reply, name: String(session.prefix(8)))
            let refused = try await server.answer(post("/join/nowhere", offer()))
            #expect(refused["Link"] == [])
        }
    }

    /// RFC 9725 §4.6: not to a browser's own preflight, which no page can read.
    @Test func optionsNamesThemToWhoCanReadIt() async throws {
        try await withServer(TestControl(), iceServers: Self.servers) { server in
            let reply = try await server.answer(request("OPTIONS /join/game", ["Origin: https://game.example"]))
            #expect(reply.status == 204)
            try expectLinks(reply)
            #expect(reply["Access-Control-Expose-Headers"].joined().contains("Link"))
            #expect(reply["Access-Control-Allow-Methods"].joined().contains("OPTIONS"))
            for method in ["POST", "OPTIONS"] {
                let preflight = try await server.answer(
                    request(
                        "OPTIONS /join/game",
                        ["Origin: https://game.example", "Access-Control-Request-Method: \(method)"]))
                #expect(preflight.status == 204)
                #expect(preflight["Link"] == [])
            }
            let session = try await server.answer(request("OPTIONS /session/00000000000000000000000000000000"))
            #expect(session["Link"] == [])
        }
    }

    @Test func theListIsWhatRTCPeerConnectionTakes() async throws {
        try await withServer(TestControl(), iceServers: Self.servers) { server in
            let reply = try await server.answer(request("GET /ice-servers"))
            #expect(reply.status == 200)
            #expect(reply["Content-Type"] == ["application/json"])
            #expect(reply["Cache-Control"] == ["no-store"])
            let entries = try JSONDecoder().decode([Entry].self, from: Data(reply.body.utf8))
            #expect(entries.count == 2)
            #expect(entries.first == Entry(urls: ["stun:turn.example:3478"], username: nil, credential: nil))
            #expect(
                entries.last?.urls == [
                    "turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp",
                ])
            try expectValid(entries.last?.username, entries.last?.credential)
            // Nobody shares a name with another.
            let again = try await server.answer(request("GET /ice-servers"))
            #expect(again.body != reply.body)
            let head = try await server.answer(request("HEAD /ice-servers"))
            #expect(head.status == 200 && head["Content-Length"] == reply["Content-Length"])
        }
    }

    @Test func withoutAnyNothingIsSaid() async throws {
        try await withServer(TestControl()) { server in
            let answers = [
                try await server.answer(post("/join/game", offer())),
                try await server.answer(request("OPTIONS /join/game")),
            ]
            #expect(answers.allSatisfy { $0["Link"] == [] })
            let list = try await server.answer(request("GET /ice-servers"))
            #expect(list.body == "[]")
        }
        let stun = ICEServers(stun: ["stun:a"], turn: [], secret: [], lifetime: 0)
        try await withServer(TestControl(), iceServers: stun) { server in
            let answer = try await server.answer(post("/join/game", offer()))
            #expect(answer["Link"] == [#"<stun:a>; rel="ice-server""#])
            let list = try await server.answer(request("GET /ice-servers"))
            #expect(list.body == #"[{"urls":["stun:a"]}]"#)
        }
    }

    @Test func timeComesFromOutside() async throws {
        var service = Service(control: try await TestControl(), site: nil, iceServers: ICEServersInUse(Self.servers))
        service.time = { 1_000_000 }
        let response = await service.respond(to: HTTPRequest(.GET, "/ice-servers"))
        #expect(String(decoding: response.body, as: UTF8.self).contains(#""username":"1000600:"#))
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH"]) func otherMethodsAreRefused(method: String) async throws {
        try await withServer(TestControl(), iceServers: Self.servers) { server in
            let reply = try await server.answer(request("\(method) /ice-servers"))
            #expect(reply.status == 405)
            #expect(reply["Allow"] == ["GET, HEAD, OPTIONS"])
        }
    }
}
