import Gateway
import JOSE
import NIOHTTP1
import Primitives
import SDP
import Testing
import TokenSigning

@testable import Signaling

/// Who may join with which token, over HTTP.
@Suite(.timeLimit(.minutes(1))) struct AdmissionTests {
    private static let secret = [UInt8](repeating: 9, count: 32)
    private static let end = 4_000_000_000

    private let signer = SigningKey(.secret(secret))
    private let admission: AdmissionInUse

    init() throws {
        let key = try #require(VerificationKey(secret: Self.secret))
        admission = AdmissionInUse(Admission(.tokens(TokenAuthority(keys: [key], rules: TokenRules()))))
    }

    private func token(_ torii: String? = nil) -> String {
        signer.token(#"{"exp":\#(Self.end)\#(torii.map { #","torii":\#($0)"# } ?? "")}"#)
    }

    private func join(_ target: String, _ authorization: [String]) throws -> String {
        request(
            "POST \(target)", ["Content-Type: application/sdp"] + authorization.map { "Authorization: \($0)" },
            body: try offer())
    }

    @Test(arguments: [[], ["Basic dTpw"], ["Bearer"], ["Bearer a.b.c", "Bearer a.b.c"], [""]])
    func withoutATokenNobodyJoins(authorization: [String]) async throws {
        try await withServer(TestControl(), admission: admission) { server in
            let reply = try await server.answer(join("/join/game", authorization))
            #expect(reply.status == 401)
            // RFC 6750 §3.1: who brought none is told no error.
            #expect(reply["WWW-Authenticate"] == ["Bearer"])
            #expect(reply.body == "Joining needs a token here; send one as Authorization: Bearer TOKEN.\n")
            // Whether there is such a route is nobody's business without one.
            try await server.expect(401, to: join("/join/nowhere", authorization))
            #expect(admission.refusals == [.tokenMissing: 2])
        }
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER", "Bearer  "]) func withOneTheyDo(scheme: String) async throws {
        try await withServer(TestControl(), admission: admission) { server in
            try await server.expect(201, to: join("/join/game", ["\(scheme) \(token())"]))
            try await server.expect(404, to: join("/join/nowhere", ["\(scheme) \(token())"]))
            #expect(admission.refusals.isEmpty)
        }
    }

    @Test func aBadOneIsSaidToBe() async throws {
        let other = SigningKey(.secret([UInt8](repeating: 8, count: 32)))
        try await withServer(TestControl(), admission: admission) { server in
            for (token, words, kind) in [
                (other.token(#"{"exp":\#(Self.end)}"#), "signature is wrong", AdmissionRefusalKind.tokenSignature),
                (signer.token(#"{"exp":1}"#), "has expired", .tokenExpired),
                (signer.token("{}"), "has no exp", .tokenClaims), ("x", "is no signed JWT", .tokenMalformed),
                (signer.token("{}", header: #"{"alg":"none"}"#), "algorithm is not taken", .tokenUnsupported),
                (SigningKey(.ed25519).token("{}"), "key that the gateway does not know", .tokenKeyUnknown),
                (signer.token(#"{"exp":\#(Self.end),"nbf":\#(Self.end)}"#), "not valid yet", .tokenNotYetValid),
                (signer.token(#"{"exp":\#(Self.end),"aud":"x"}"#), "another audience", .tokenAudience),
                (self.token("7"), "claim torii is no object", .tokenClaims),
                (self.token(#"{"rout":"game"}"#), #"claim torii has "rout""#, .tokenClaims),
            ] {
                let before = admission.refusals[kind] ?? 0
                let reply = try await server.answer(join("/join/game", ["Bearer \(token)"]))
                #expect(reply.status == 401)
                #expect(reply["WWW-Authenticate"] == [#"Bearer error="invalid_token""#])
                #expect(reply.body.contains(words), "\(reply.body)")
                #expect(reply.body.filter { $0 == "\n" }.count == 1 && !reply.body.contains(token.suffix(20)))
                #expect(admission.refusals[kind] == before + 1)
            }
        }
    }

    @Test(arguments: [
        (#"{"route":"game"}"#, "/join/game", 201), (#"{"route":["a/b c","game"]}"#, "/join/a%2Fb%20c", 201),
        (#"{"route":[]}"#, "/join/game", 403), (#"{"route":"Game"}"#, "/join/game", 403),
        (#"{"route":"game"}"#, "/join/godot", 403), (#"{"route":"game"}"#, "/join/nowhere", 403),
        (#"{"server":"eu-1"}"#, "/join/pool", 201), (#"{"server":"eu-1"}"#, "/join/pool?server=eu-1", 201),
        (#"{"server":"eu-1"}"#, "/join/pool?server=eu-2", 403), (#"{"server":"eu-3"}"#, "/join/pool", 404),
        (#"{"server":7}"#, "/join/pool", 401), (#"{"balance_key":"party"}"#, "/join/pool", 201),
        (#"{"balance_key":7}"#, "/join/pool", 401),
        (#"{"peer_id":7}"#, "/join/godot", 201), (#"{"peer_id":7}"#, "/join/godot?peer_id=7", 201),
        (#"{"peer_id":7}"#, "/join/godot?peer_id=8", 403), (#"{"peer_id":7}"#, "/join/game", 400),
        (#"{"connect_data":7}"#, "/join/game?connect_data=7", 201),
        (#"{"connect_data":7}"#, "/join/game?connect_data=8", 403),
        (#"{"peer_id":1}"#, "/join/godot", 401), (#"{"peer_id":"7"}"#, "/join/godot", 401),
        (#"{"connect_data":4294967296}"#, "/join/game", 401), (#"{"route":7}"#, "/join/game", 401),
        (#"{"to_server":{"messages":20}}"#, "/join/game", 201), (#"{"to_server":{"messages":0}}"#, "/join/game", 401),
        (#"{"to_server":{"message":20}}"#, "/join/game", 401), (#"{"to_browser":5}"#, "/join/game", 401),
    ])
    func theClaimSaysWhatItIsFor(torii: String, target: String, status: Int) async throws {
        try await withServer(TestControl(), admission: admission) { server in
            let reply = try await server.answer(join(target, ["Bearer \(token(torii))"]))
            #expect(reply.status == status, "\(reply.body)")
            if status == 403 {
                #expect(reply["WWW-Authenticate"] == [#"Bearer error="insufficient_scope""#])
                #expect(admission.refusals == [.notAllowed: 1])
            }
            if status == 201, torii.contains("peer_id") { #expect(reply["Torii-Peer-Id"] == ["7"]) }
        }
    }

    @Test func aGrantBecomesPartsOfTheJoin() throws {
        let json = JSON(
            parsing: Array(
                #"{"connect_data":5,"to_server":{"messages":20,"bytes":30},"to_browser":{"bytes":40}}"#.utf8))
        let description = try DataChannelDescription(offer: SessionDescription(parsing: Array(offer().utf8)))
        let source = TransportAddress(ipv4: 0xCB00_7101, port: 9)
        let asked = JoinRequest(route: "game", peerID: 3, offer: description, source: source)
        let request = try asked.granted(by: Grant(json))
        #expect((request.route, request.peerID, request.connectData) == ("game", 3, 5))
        #expect(request.rates.toServer == RateLimit(messages: 20, bytes: 30))
        #expect(request.rates.toBrowser == RateLimit(messages: nil, bytes: 40))
        #expect(request.source == source)
    }

    /// Credentials for a TURN server cost its owner money.
    @Test func relaysAreForThoseWhoMayJoin() async throws {
        let servers = ICEServers(stun: [], turn: ["turn:turn.example.org"], secret: [1], lifetime: 60)
        try await withServer(TestControl(), iceServers: servers, admission: admission) { server in
            try await server.expect(401, to: request("GET /ice-servers"))
            #expect(try await server.answer(request("OPTIONS /join/game"))["Link"] == [])
            let bearer = ["Authorization: Bearer \(token())"]
            let list = try await server.answer(request("GET /ice-servers", bearer))
            #expect(list.status == 200 && list.body.contains("turn:turn.example.org"))
            #expect(try await server.answer(request("OPTIONS /join/game", bearer))["Link"].count == 1)
            let preflight = try await server.answer(
                request("OPTIONS /join/game", ["Access-Control-Request-Method: POST"]))
            #expect(preflight.status == 204)
        }
        #expect(admission.refusals.isEmpty)
    }

    @Test func theRulesChangeWhileItRuns() async throws {
        let admission = AdmissionInUse(.open)
        try await withServer(TestControl(), admission: admission) { server in
            try await server.expect(201, to: join("/join/game", ["Bearer nonsense"]))
            admission.now = self.admission.now
            try await server.expect(401, to: join("/join/game", ["Bearer nonsense"]))
        }
    }
}
