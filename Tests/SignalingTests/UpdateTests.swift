import Testing

@testable import Signaling

/// PATCH on a session: trickled candidates and ICE restarts (RFC 9725 §4.3).
@Suite(.timeLimit(.minutes(1))) struct UpdateTests {
    private let restart = "a=ice-ufrag:wxyz\r\na=ice-pwd:0123456789012345678901\r\n"

    private func joined(_ server: SignalingServer) async throws -> (location: String, tag: String) {
        let reply = try await server.answer(post("/join/game", offer()))
        return (try #require(reply["Location"].first), try #require(reply["ETag"].first))
    }

    private func patch(
        _ location: String, tag: String?, type: String = "application/trickle-ice-sdpfrag", _ body: String
    ) -> String {
        let condition = tag.map { ["If-Match: \($0)"] } ?? []
        return request("PATCH \(location)", ["Content-Type: \(type)"] + condition, body: body)
    }

    /// The offer's own credentials, with candidates: what trickles in.
    private func trickle() throws -> String {
        let lines = try offer().split(separator: "\r\n").filter {
            $0.hasPrefix("a=ice-ufrag") || $0.hasPrefix("a=ice-pwd")
        }
        let candidate = "a=candidate:1 1 udp 2113937151 4c1a.local 50000 typ host"
        let media = ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:0", candidate]
        return (lines.map(String.init) + media).map { $0 + "\r\n" }.joined()
    }

    @Test func aRestartGivesNewCredentialsAndANewTag() async throws {
        try await withServer(TestControl()) { server in
            let (location, tag) = try await joined(server)
            let reply = try await server.answer(patch(location, tag: tag, restart))
            #expect(reply.status == 200)
            #expect(reply["Content-Type"] == ["application/trickle-ice-sdpfrag"])
            let newTag = try #require(reply["ETag"].first)
            #expect(newTag != tag)
            #expect(reply.body.contains("a=ice-ufrag:\(newTag.dropFirst().dropLast())\r\n"))
            #expect(reply.body.contains("a=candidate:"))
            // The old tag is of a session that is no more; any session is * .
            let late = try await server.answer(patch(location, tag: tag, restart))
            #expect(late.status == 412)
            let other = restart.replacing("wxyz", with: "abcd")
            try await server.expect(200, to: patch(location, tag: "*", other))
        }
    }

    @Test func candidatesAreTakenAndIgnored() async throws {
        try await withServer(TestControl()) { server in
            let (location, tag) = try await joined(server)
            for _ in 1...2 {
                let reply = try await server.answer(patch(location, tag: tag, trickle()))
                #expect(reply.status == 204)
                #expect(reply.body == "")
            }
            // Candidates are for one ICE session, so * is not enough.
            try await server.expect(412, to: patch(location, tag: "*", trickle()))
        }
    }

    @Test func whatCannotBeTakenIsRefused() async throws {
        try await withServer(TestControl()) { server in
            let (location, tag) = try await joined(server)
            let unknown = "/session/00000000000000000000000000000000"
            try await server.expect(404, to: patch(unknown, tag: tag, restart))
            try await server.expect(428, to: patch(location, tag: nil, restart))
            try await server.expect(400, to: patch(location, tag: "bare", restart))
            try await server.expect(400, to: patch(location, tag: "\"a\", \"b\"", restart))
            try await server.expect(412, to: patch(location, tag: "\"other\"", restart))
            try await server.expect(400, to: patch(location, tag: tag, "nonsense\r\n"))
            try await server.expect(422, to: patch(location, tag: tag, "a=ice-ufrag:wxyz\r\n"))
            try await server.expect(413, to: patch(location, tag: tag, String(repeating: "x", count: 70_000)))
            let typed = try await server.answer(patch(location, tag: tag, type: "application/sdp", restart))
            #expect(typed.status == 415)
            #expect(typed["Accept-Patch"] == ["application/trickle-ice-sdpfrag"])
            // None of it changed anything.
            try await server.expect(200, to: patch(location, tag: tag, restart))
        }
    }
}
