import Gateway
import Primitives
import Synchronization
import TLS
import Testing

@testable import Signaling

/// A service that decides who may join: a real one, which answers as the token tells it to.
@Suite(.serialized, .timeLimit(.minutes(2))) struct AdmissionServiceTests {
    private final class Reports: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func note(_ sentence: String) { list.withLock { $0.append(sentence) } }
    }

    private let reports = Reports()

    private func admission(port: UInt16, timeout: Int = 10) throws -> AdmissionInUse {
        let address = ServiceAddress(isSecure: false, host: "127.0.0.1", port: port, target: "/decide?a=b")
        let service = AdmissionService(
            at: address, trust: try TLSContext.client(authorities: nil), timeout: timeout,
            report: { [reports] in reports.note($0) })
        return AdmissionInUse(Admission(.service(service)))
    }

    private func join(_ target: String, _ token: String?, _ headers: [String] = []) throws -> String {
        let bearer = token.map { ["Authorization: Bearer \($0)"] } ?? []
        return request(
            "POST \(target)", ["Content-Type: application/sdp"] + bearer + headers, body: try offer())
    }

    @Test func itDecides() async throws {
        let service = try DecidingService()
        let admission = try admission(port: service.port)
        try await withServer(TestControl(), admission: admission) { server in
            for (target, token, status, words) in [
                ("/join/game", "200:", 201, ""), ("/join/game", "200:{}", 201, ""), ("/join/game", "204:", 201, ""),
                ("/join/godot", #"200:{"peer_id":7}"#, 201, ""),
                ("/join/godot?peer_id=8", #"200:{"peer_id":7}"#, 403, "7"),
                ("/join/game", #"200:{"route":"godot"}"#, 403, "not for this route"),
                ("/join/game", "401:Who are you?", 401, "Who are you?\n"),
                ("/join/game", "403:You are banned.", 403, "You are banned.\n"),
                ("/join/game", "403:", 403, "The service that decides who may join here says no.\n"),
                ("/join/game", "403:aESC[31mb", 403, "a[31mb\n"),
            ] {
                let reply = try await server.answer(join(target, token))
                #expect(
                    reply.status == status && (words.isEmpty || reply.body.contains(words)),
                    "\(token): \(reply.status) \(reply.body)")
                #expect((reply["WWW-Authenticate"].count == 1) == (status == 401 || status == 403))
                if token.contains("peer_id"), status == 201 { #expect(reply["Torii-Peer-Id"] == ["7"]) }
            }
            #expect(admission.refusals[.serviceRefused] == 4)
            #expect(reports.all == [])
        }
    }

    @Test func itIsToldWhoAsksForWhat() async throws {
        let service = try DecidingService()
        try await withServer(TestControl(), admission: admission(port: service.port)) { server in
            let full = try await server.answer(
                join("/join/a%2Fb%20c?connect_data=9", "echo", ["Origin: https://game.example"]))
            #expect(
                full.body
                    == #"/decide?a=b {"route":"a/b c","address":"127.0.0.1","origin":"https://game.example","token":"echo","peer_id":null,"connect_data":9}"#
                    + "\n")
            let relays = try await server.answer(request("GET /ice-servers", ["Authorization: Bearer echo"]))
            #expect(relays.status == 403 && relays.body.contains(#"{"route":null,"#))
            // Without a token it is asked, too: it may know players by their address.
            try await server.expect(201, to: join("/join/game", nil))
        }
    }

    @Test(arguments: [
        ("500:", "it answered 500"), ("302:", "it answered 302"), ("200:x", "its answer is no JSON"),
        ("200:7", "has no object"),
        (#"200:{"peerid":7}"#, #"its answer has "peerid""#), ("long", "its answer is too long"),
        ("cut", "cannot be used"),
    ])
    func whatItFailsToDecideIsRefused(token: String, words: String) async throws {
        let service = try DecidingService()
        let admission = try admission(port: service.port)
        try await withServer(TestControl(), admission: admission) { server in
            let reply = try await server.answer(join("/join/game", token))
            #expect(reply.status == 503 && reply["Retry-After"] == ["5"], "\(reply.body)")
            #expect(reports.all.count == 1 && reports.all[0].contains(words), "\(reports.all)")
            #expect(admission.refusals == [.serviceFailed: 1])
        }
    }

    @Test func itIsNotWaitedForForEver() async throws {
        let service = try DecidingService()
        try await withServer(TestControl(), admission: admission(port: service.port, timeout: 1)) { server in
            try await server.expect(503, to: join("/join/game", "never"))
            #expect(reports.all.first?.contains("it did not answer in time") == true)
            service.stop()
            try await server.expect(503, to: join("/join/game", "200:"))
            #expect(reports.all.last?.contains("Connection refused") == true, "\(reports.all)")
        }
    }

    /// One more than may wait for it is turned away at once.
    @Test func notTooManyWaitForIt() async throws {
        let service = try DecidingService()
        let admission = try admission(port: service.port, timeout: 30)
        let question = AdmissionService.Question(token: "never")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<AdmissionService.limit {
                group.addTask { _ = try? await admission.now.grant(to: question, at: 0) }
            }
            // Ends with the test's time limit, which cancels it.
            while service.questionCount < AdmissionService.limit { try await Task.sleep(for: .milliseconds(20)) }
            await #expect(throws: AdmissionRefusal.serviceBusy) {
                try await admission.now.grant(to: question, at: 0)
            }
            service.stop()
        }
        service.stop()
    }
}
