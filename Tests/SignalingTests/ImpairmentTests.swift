import Gateway
import Impairment
import SimulationSupport
import Testing

@testable import Signaling

/// `/session/{id}/impairment`, which only a server that is given the control has.
@Suite(.onTheSCTPStack) struct ImpairmentTests {
    /// Remembers what it was asked for, of the one session it knows.
    private actor Control: ImpairmentControl {
        private let known: SessionID
        private var present: Impairment?

        init(_ known: SessionID) {
            self.known = known
        }

        func impair(_ id: SessionID, by impairment: Impairment) -> ImpairmentReport? {
            guard id == known else { return nil }
            present = impairment
            return self.impairment(of: id)
        }

        func impairment(of id: SessionID) -> ImpairmentReport? {
            guard id == known, let present else { return nil }
            return ImpairmentReport(
                impairment: present, fromBrowser: .init(datagrams: 210, dropped: 11),
                toBrowser: .init(datagrams: 340, dropped: 17))
        }
    }

    private static let id = "0123456789abcdef0123456789abcdef"
    private static let place = "/session/\(id)/impairment"

    private func withDemo(node: NodeName? = nil, _ body: (SignalingServer) async throws -> Void) async throws {
        let id = try #require(SessionID(Self.id))
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: TestControl(), node: node, impairment: Control(id))
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func aPageChoosesAndIsTold() async throws {
        try await withDemo { server in
            try await server.expect(404, to: request("GET \(Self.place)"))
            let document =
                #"{"loss":5,"delay":100,"fromBrowser":{"datagrams":210,"dropped":11},"#
                + #""toBrowser":{"datagrams":340,"dropped":17}}"#
            for line in [
                "PUT \(Self.place)?loss=5&delay=100", "PUT \(Self.place)?delay=100&loss=5", "GET \(Self.place)",
            ] {
                let reply = try await server.answer(request(line))
                #expect(reply.status == 200 && reply.body == document)
                #expect(reply["Content-Type"] == ["application/json"] && reply["Cache-Control"] == ["no-store"])
            }
            try await server.expect(200, to: request("HEAD \(Self.place)"))
            try await server.expect(
                404, to: request("PUT /session/\(String(repeating: "0", count: 32))/impairment?loss=5&delay=1"))
            try await server.expect(404, to: request("PUT /session/short/impairment?loss=5&delay=1"))
            let post = try await server.answer(request("POST \(Self.place)?loss=5&delay=100"))
            #expect(post.status == 405 && post["Allow"] == ["GET, HEAD, PUT"])
        }
    }

    @Test(arguments: [
        "", "?loss=5", "?delay=5", "?loss=51&delay=0", "?loss=5&delay=1001", "?loss=-1&delay=0", "?loss=5&delay=1e2",
        "?loss=5&delay=100&more=1", "?loss=5&loss=5", "?loss=&delay=", "?loss=00005&delay=1",
    ])
    func whatIsNoImpairmentIsRefused(query: String) async throws {
        try await withDemo { server in
            let reply = try await server.answer(request("PUT \(Self.place)\(query)"))
            #expect(reply.status == 400)
            #expect(reply.body.contains("?loss=5&delay=100"))
        }
    }

    /// A session of another gateway is none of this one's.
    @Test func theNameInFrontIsTheGateways() async throws {
        try await withDemo(node: NodeName("a")) { server in
            let query = "impairment?loss=5&delay=100"
            try await server.expect(200, to: request("PUT /session/a.\(Self.id)/\(query)"))
            for name in ["b.\(Self.id)", Self.id] {
                try await server.expect(404, to: request("PUT /session/\(name)/\(query)"))
            }
        }
    }

    @Test func withoutTheControlThereIsNothing() async throws {
        try await withServer(TestControl()) { server in
            for method in ["PUT", "GET", "POST", "DELETE"] {
                try await server.expect(404, to: request("\(method) \(Self.place)?loss=5&delay=100"))
            }
        }
    }
}
