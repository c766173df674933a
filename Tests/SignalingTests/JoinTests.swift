import Gateway
import NIOHTTP1
import Primitives
import SDP
import Testing

@testable import Signaling

@Suite(.timeLimit(.minutes(1))) struct JoinTests {
    @Test(arguments: ["chromium-data", "firefox-data", "chromium-audio-and-data", "firefox-audio-and-data"])
    func browsersOffersAreAnswered(name: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game", offer(name)))
            #expect(reply.status == 201)
            #expect(reply["Content-Type"] == ["application/sdp"])
            #expect(reply["Torii-Peer-Id"] == [])
            #expect(reply["Cache-Control"] == ["no-store"])
            let location = try #require(reply["Location"].first)
            #expect(location.hasPrefix("/session/"))
            #expect(SessionID(location.dropFirst("/session/".count)) != nil)
            let answer = try DataChannelDescription(answer: SessionDescription(parsing: Array(reply.body.utf8)))
            #expect(answer.candidates.map(\.address.description) == ["192.0.2.1:3478"])
        }
    }

    @Test(arguments: ["application/sdp", "Application/SDP", "application/sdp; charset=utf-8", "application/sdp ;a=b"])
    func typeHasParametersAndAnyCase(type: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game", type: type, offer()))
            #expect(reply.status == 201)
        }
    }

    @Test(arguments: [
        nil, "text/plain", "application/sdpx", "application/json", "multipart/form-data; application/sdp",
    ])
    func otherTypesAreRefused(type: String?) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game", type: type, offer()))
            #expect(reply.status == 415)
            #expect(reply["Accept-Post"] == ["application/sdp"])
            #expect(reply.body.contains("application/sdp"))
        }
    }

    @Test func compressedBodiesAreRefused() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(
                request(
                    "POST /join/game", ["Content-Type: application/sdp", "Content-Encoding: gzip"], body: offer()))
            #expect(reply.status == 415)
        }
    }

    @Test func routeNamesArePercentDecoded() async throws {
        try await withServer(TestControl()) { server in
            try await server.expect(201, to: post("/join/a%2Fb%20c", offer()))
            let unknown = try await server.answer(post("/join/nowhere", offer()))
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("--route"))
        }
    }

    @Test func sdpErrorsNameTheLine() async throws {
        try await withServer(TestControl()) { server in
            let cut = try await server.answer(post("/join/game", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\nnonsense\r\n"))
            #expect(cut.status == 400)
            #expect(cut.body.hasPrefix("Line 3 of the offer cannot be taken: "))
            try await server.expect(400, to: post("/join/game", ""))
            let audio = try await server.answer(post("/join/game", offer("chromium-audio-only")))
            #expect(audio.status == 422)
            #expect(audio.body.contains("createDataChannel"))
            let noFingerprint = try offer().split(separator: "\r\n").filter { !$0.hasPrefix("a=fingerprint") }
                .map { $0 + "\r\n" }.joined()
            try await server.expect(422, to: post("/join/game", noFingerprint))
        }
    }

    @Test func chosenPeerIDIsKept() async throws {
        try await withServer(TestControl()) { server in
            let first = try await server.answer(post("/join/godot?peer_id=2147483647", offer()))
            #expect(first.status == 201)
            #expect(first["Torii-Peer-Id"] == ["2147483647"])
            let second = try await server.answer(post("/join/godot?peer_id=2147483647", offer()))
            #expect(second.status == 409)
            #expect(second.body.contains("2147483647"))
            try await server.expect(201, to: post("/join/godot?peer_id=2", offer()))
        }
    }

    @Test func missingPeerIDIsChosen() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/godot", offer()))
            let id = try #require(reply["Torii-Peer-Id"].first.flatMap { UInt32($0) })
            #expect((2...2_147_483_647).contains(id))
        }
    }

    @Test(arguments: [
        "peer_id=1", "peer_id=0", "peer_id=2147483648", "peer_id=-2", "peer_id=%2B2", "peer_id=", "peer_id",
        "peer_id=x",
        "peer_id=99999999999999999999", "peer_id=2&peer_id=3", "peer_id=%zz", "peer_id=2%",
    ])
    func badPeerIDIsRefused(query: String) async throws {
        try await withServer(TestControl()) { server in
            try await server.expect(400, to: post("/join/godot?\(query)", offer()))
        }
    }

    @Test func peerIDOnARouteWithoutIsRefused() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game?peer_id=5", offer()))
            #expect(reply.status == 400)
            #expect(reply.body.contains("leave it out"))
        }
    }

    @Test(arguments: [0, 1, UInt32.max]) func connectDataIsTaken(data: UInt32) async throws {
        try await withServer(TestControl()) { server in
            try await server.expect(201, to: post("/join/game?connect_data=\(data)", offer()))
        }
    }

    @Test(arguments: ["4294967296", "-1", "", "x", "0x1", "%2B1", "1&connect_data=1"])
    func badConnectDataIsRefused(value: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game?connect_data=\(value)", offer()))
            #expect(reply.status == 400)
            #expect(reply.body.contains("connect_data"))
        }
    }

    @Test(arguments: ["godot", "raw"]) func connectDataOnARouteWithoutIsRefused(route: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/\(route)?connect_data=5", offer()))
            #expect(reply.status == 400)
            #expect(reply.body.contains("profile=channels") && reply.body.contains("leave it out"))
        }
    }

    /// Browsers then refuse to send what would be dropped.
    @Test func theAnswerOfADatagramRouteNamesItsLargestMessage() async throws {
        try await withServer(TestControl()) { server in
            for (route, limit) in [("raw", 1452), ("game", 262_144)] {
                let reply = try await server.answer(post("/join/\(route)", offer()))
                let answer = try DataChannelDescription(answer: SessionDescription(parsing: Array(reply.body.utf8)))
                #expect(answer.maxMessageSize == limit)
            }
        }
    }

    @Test func unknownParameterIsNamed() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/godot?peerid=5", offer()))
            #expect(reply.status == 400)
            #expect(reply.body.contains("\"peerid\""))
            let odd = try await server.answer(post("/join/godot?%3Cscript%3E=5", offer()))
            #expect(odd.status == 400)
            #expect(!odd.body.contains("script"))
        }
    }

    @Test func fullAndStoppingSayWhenToComeBack() async throws {
        let control = try await TestControl(sessionLimit: 1)
        try await withServer(control) { server in
            try await server.expect(201, to: post("/join/game", offer()))
            let full = try await server.answer(post("/join/game", offer()))
            #expect(full.status == 503)
            #expect(full["Retry-After"] == ["5"])
            await control.stop()
            let stopping = try await server.answer(post("/join/game", offer()))
            #expect(stopping.status == 503)
            #expect(stopping["Retry-After"] == ["10"])
            #expect(stopping.body != full.body)
        }
    }

    /// Asked without a socket: on loopback there is no limit.
    @Test func tooManyJoinsFromOneAddressAreToldSo() async throws {
        let service = Service(control: try await TestControl(joinLimitPerSource: 1), site: nil)
        var request = HTTPRequest(
            .POST, "/join/game", headers: ["Content-Type": "application/sdp"], body: Array(try offer().utf8))
        request.source = TransportAddress(ipv4: 0xCB00_7101, port: 9)
        #expect(await service.respond(to: request).status == .created)
        let refused = await service.respond(to: request)
        #expect(refused.status == .tooManyRequests)
        #expect(refused.headers["Retry-After"] == ["5"])
        request.source = TransportAddress(ipv4: 0xCB00_7102, port: 9)
        #expect(await service.respond(to: request).status == .created)
    }

    @Test(arguments: [
        (JoinRefusal.tooManySessions, HTTPResponseStatus.tooManyRequests), (.tooManyJoinsOverall, .serviceUnavailable),
    ])
    func otherLimitsAreSaid(refusal: JoinRefusal, status: HTTPResponseStatus) {
        let response = HTTPResponse.joinRefused(refusal)
        #expect(response.status == status)
        #expect(response.headers["Retry-After"] == ["5"])
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
    func otherMethodsAreRefused(method: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("\(method) /join/game"))
            #expect(reply.status == 405)
            #expect(reply["Allow"] == ["POST, OPTIONS"])
        }
    }
}
