import Gateway
import SimulationSupport
import Testing

@testable import Signaling

/// Sessions' URLs of a gateway that has a name among others, and what it says to those of the others.
@Suite struct NodeTests {
    private static let id = String(repeating: "0a", count: 16)

    @Test(arguments: [("a", "a"), ("node-7", "node-7"), (nil, nil)] as [(String?, String?)])
    func namesAreReadAsTheyAreWritten(node: String?, expected: String?) throws {
        let id = try #require(SessionID(Self.id))
        let name = SessionName(node: node.flatMap { NodeName($0) }, id: id)
        #expect(name.description == [expected, Self.id].compactMap(\.self).joined(separator: "."))
        #expect(SessionName(name.description) == name)
    }

    @Test(arguments: ["", ".", "a.", ".\(id)", "a.b.\(id)", "a_b.\(id)", "ä.\(id)", "a.\(id)0", "a/\(id)"])
    func otherNamesAreNone(text: String) {
        #expect(SessionName(text) == nil)
    }

    @Test func aNodeNameIsShortAndNeedsNoEscaping() {
        #expect(NodeName(String(repeating: "a", count: NodeName.longest)) != nil)
        #expect(NodeName("Az09-") != nil)
        for text in ["", String(repeating: "a", count: NodeName.longest + 1), "a.b", "a b", "a_b", "a/b", "ä"] {
            #expect(NodeName(text) == nil, "\(text)")
        }
    }

    @Test(.onTheSCTPStack) func theNameIsInTheURLAndNeededThere() async throws {
        let control = try await TestControl()
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: control, node: NodeName("a"))
        do {
            let joined = try await server.answer(post("/join/game", offer()))
            let location = try #require(joined["Location"].first)
            let id = try #require(location.wholeMatch(of: #/\/session\/a\.([0-9a-f]{32})/#)?.1)
            let tag = try #require(joined["ETag"].first)
            try await server.expect(200, to: request("GET \(location)"))

            for (path, sentence) in [
                (
                    "/session/b.\(id)",
                    "The session is of the gateway named b; let the load balancer send /session/b. to it."
                ),
                ("/session/\(id)", "There is no such session"), ("/session/a.b.\(id)", "There is no such session"),
            ] {
                for method in ["GET", "DELETE", "PATCH"] {
                    let reply = try await server.answer(request("\(method) \(path)"))
                    #expect(reply.status == 404)
                    #expect(reply.body.hasPrefix(sentence), "\(reply.body)")
                }
                try await server.expect(404, to: request("HEAD \(path)"))
                try await server.expect(405, to: request("PUT \(path)"))
                try await server.expect(204, to: request("OPTIONS \(path)"))
            }
            let restart = request(
                "PATCH \(location)", ["If-Match: \(tag)", "Content-Type: application/trickle-ice-sdpfrag"],
                body: "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n")
            try await server.expect(200, to: restart)
            try await server.expect(200, to: request("DELETE \(location)"))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// As a gateway without a name sees them.
    @Test(.onTheSCTPStack) func othersAreRefusedWithoutANameToo() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("DELETE /session/b.\(Self.id)"))
            #expect(reply.status == 404)
            #expect(reply.body.hasPrefix("The session is of the gateway named b;"))
        }
    }

    /// Players turned away may come at once: a load balancer sends them elsewhere.
    @Test(.onTheSCTPStack) func aDrainedGatewayTakesNobody() async throws {
        let control = try await TestControl()
        try await withServer(control) { server in
            let location = try #require(await server.answer(post("/join/game", offer()))["Location"].first)
            await control.toggleDrain()
            let refused = try await server.answer(post("/join/game", offer()))
            #expect(refused.status == 503)
            #expect(refused["Retry-After"] == ["1"])
            #expect(refused.body == "The gateway takes no new players now; try again in a moment.\n")
            try await server.expect(200, to: request("GET \(location)"))
            try await server.expect(200, to: request("DELETE \(location)"))
            await control.toggleDrain()
            try await server.expect(201, to: post("/join/game", offer()))
        }
    }
}
