import Primitives
import Testing

@testable import Signaling

@Suite(.timeLimit(.minutes(1))) struct StartAndStopTests {
    private func failure(host: String, port: UInt16) async throws -> SignalingStartError? {
        let control = try await TestControl()
        do throws(SignalingStartError) {
            await (try SignalingServer.start(host: host, port: port, control: control)).stop()
            return nil
        } catch {
            return error
        }
    }

    @Test func localAddressIsTold() async throws {
        try await withServer(TestControl()) { server in
            #expect(server.localAddress.host == "127.0.0.1")
            #expect(server.localAddress.port != 0)
        }
    }

    @Test func addressInUse() async throws {
        try await withServer(TestControl()) { server in
            let error = try await failure(host: "127.0.0.1", port: server.localAddress.port)
            #expect(error == .addressInUse(server.localAddress.description))
            #expect(error?.description.contains(server.localAddress.description) == true)
        }
    }

    @Test func addressOfAnotherHost() async throws {
        #expect(try await failure(host: "192.0.2.1", port: 8080) == .notOfThisHost("192.0.2.1:8080"))
    }

    @Test func unknownName() async throws {
        #expect(try await failure(host: "no.such.host.invalid", port: 1) == .hostUnknown("no.such.host.invalid:1"))
    }

    @Test func systemsErrorsHaveSentences() {
        let errors: [SignalingStartError] = [
            .addressInUse("a:1"), .permissionDenied("a:1"), .notOfThisHost("a:1"), .hostUnknown("a:1"),
            .failed("a:1", "words"),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors.allSatisfy { $0.description.contains("a:1") && $0.description.hasSuffix(".") })
    }

    @Test func stopClosesIdleConnectionsAndTheListener() async throws {
        var limits = Limits()
        limits.drainTime = .hours(1)
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: TestControl(), limits: limits)
        try await TestClient.connect(to: server) { client in
            try await client.send(request("GET /health/live"))
            #expect(try await client.reply().status == 200)
            await server.stop()
            try await client.expectEnd()
        }
        await server.stop()
        await #expect(throws: (any Error).self) { try await server.answer(request("GET /health/live")) }
    }

    @Test func requestsUnderWayAreAnsweredBeforeTheStop() async throws {
        var limits = Limits()
        limits.drainTime = .hours(1)
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: TestControl(), limits: limits)
        try await TestClient.connect(to: server) { client in
            let head = ["Content-Type: application/sdp", "Expect: 100-continue", "Content-Length: 1"]
            try await client.send(request("POST /join/game", head))
            #expect(try await client.reply().status == 100)
            async let stopped: Void = server.stop()
            try await client.send("x")
            #expect(try await client.reply().status == 400)
            try await client.expectEnd()
            await stopped
        }
    }

    @Test func stopDoesNotWaitForever() async throws {
        var limits = Limits()
        limits.drainTime = .milliseconds(50)
        let server = try await SignalingServer.start(
            host: "127.0.0.1", port: 0, control: TestControl(), limits: limits)
        try await TestClient.connect(to: server) { client in
            try await client.send(request("POST /join/game", ["Expect: 100-continue", "Content-Length: 1"]))
            #expect(try await client.reply().status == 100)
            await server.stop()
            try await client.expectEnd()
        }
    }
}
