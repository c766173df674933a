import Foundation
import Glibc
import Testing

/// What SIGTERM, SIGINT and SIGUSR1 come to while there are sessions. A session is here what a page's offer makes, before
/// any of its datagrams: it is there for 15 seconds.
@Suite(.timeLimit(.minutes(2))) struct DrainTests {
    private static let serve = [
        "serve", "--route", "world=enet://127.0.0.1:7777?profile=channels", "--http", "127.0.0.1:0", "--udp",
        "127.0.0.1:0",
    ]

    private func serving(_ options: [String]) async throws -> (torii: ToriiProcess, http: SmallClient) {
        let torii = try ToriiProcess(Self.serve + options)
        let start = try await torii.line(containing: " notice listening ")
        let port = try #require(start.firstMatch(of: #/ http=127\.0\.0\.1:(\d+) /#).flatMap { UInt16($0.1) })
        return (torii, SmallClient(port: port))
    }

    private func expectDraining(_ http: SmallClient, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let ready = try http.answer("GET /health/ready")
        #expect(ready.status == 503, sourceLocation: sourceLocation)
        #expect(ready.body.hasPrefix("The gateway is draining: "), sourceLocation: sourceLocation)
        #expect(try http.answer("GET /health/live").status == 200, sourceLocation: sourceLocation)
        let refused = try http.join()
        #expect(refused.status == 503, sourceLocation: sourceLocation)
        #expect(refused["Retry-After"] == "1", sourceLocation: sourceLocation)
        #expect(refused.body.hasPrefix("The gateway takes no new players now; "), sourceLocation: sourceLocation)
    }

    @Test func sigusr1DrainsAndTakesPlayersAgain() async throws {
        let (torii, http) = try await serving([])
        let location = try http.joined()
        for _ in 1...2 {
            try kill(torii.commandID, SIGUSR1)
            let line = try await torii.line(containing: " notice draining: ")
            #expect(
                line.contains("until SIGUSR1 comes again") && line.hasSuffix(" cause=SIGUSR1 sessions=1"), "\(line)")
            try expectDraining(http)
            #expect(try http.answer("GET \(location)").status == 200)
            try kill(torii.commandID, SIGUSR1)
            let end = try await torii.line(containing: " notice draining is over: ")
            #expect(end.hasSuffix(" cause=SIGUSR1 sessions=1"), "\(end)")
            #expect(try http.answer("GET /health/ready").status == 200)
        }
        #expect(try http.answer("DELETE \(http.joined())").status == 200)
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
    }

    /// What pages ask of their sessions is answered all the while; the rest are told at the deadline.
    @Test func sigtermKeepsSessionsUntilTheDeadline() async throws {
        let (torii, http) = try await serving(["--drain-timeout", "8", "--node", "a"])
        let (leaving, staying) = (try http.joined(), try http.joined())
        #expect(leaving.hasPrefix("/session/a."))
        torii.signal(SIGTERM)
        let line = try await torii.line(containing: " notice draining: ")
        #expect(line.hasSuffix(" cause=SIGTERM minimum=0 sessions=2 timeout_s=8"), "\(line)")
        try expectDraining(http)
        #expect(try http.answer("DELETE \(leaving)").status == 200)
        #expect(try http.answer("GET \(staying)").body.contains(#""state":"joining""#))
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        let rest = outcome.errors.drop { !$0.contains(" notice draining is over ") }
        #expect(rest.first?.hasSuffix(" sessions=1") == true, "\(outcome.errors)")
        let told = outcome.errors.filter { $0.contains("reason=gateway-stopping") }
        #expect(told.count == 1)
        // It was there when the drain began, which was eight seconds before at least.
        let lived = told.first?.firstMatch(of: #/ after_ms=(\d+) /#).flatMap { Int($0.1) }
        #expect(try #require(lived) >= 8_000)
        #expect(outcome.errors.count { $0.contains("reason=player-left") } == 1)
        #expect(rest.last?.hasSuffix(" notice stopped") == true)
    }

    @Test func sigtermWaitsForFewEnoughAndNotLonger() async throws {
        let (torii, http) = try await serving(["--drain-timeout", "86400", "--drain-minimum", "1"])
        let first = try http.joined()
        _ = try http.joined()
        torii.signal(SIGTERM)
        _ = try await torii.line(containing: " notice draining: ")
        try expectDraining(http)
        #expect(try http.answer("DELETE \(first)").status == 200)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.errors.count { $0.contains("reason=gateway-stopping") } == 1)
    }

    /// After SIGUSR1, too.
    @Test(arguments: [false, true]) func sigintWaitsForNobody(isDraining: Bool) async throws {
        let (torii, http) = try await serving(["--drain-timeout", "86400"])
        _ = try http.joined()
        if isDraining {
            try kill(torii.commandID, SIGUSR1)
            _ = try await torii.line(containing: " notice draining: ")
        }
        torii.signal(SIGINT)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.errors.count { $0.contains(" draining: ") } == (isDraining ? 1 : 0))
        #expect(outcome.errors.contains { $0.contains("reason=gateway-stopping") })
    }

    @Test(arguments: [SIGTERM, SIGINT]) func aSecondSignalEndsADrain(second: Int32) async throws {
        let (torii, http) = try await serving(["--drain-timeout", "86400"])
        _ = try http.joined()
        torii.signal(SIGTERM)
        try await torii.signalUntilItEnds(second, after: " notice draining: ")
        let outcome = try await torii.outcome()
        #expect(outcome.status == 128 + second)
        #expect(!outcome.errors.contains { $0.contains(" notice stopping") })
    }

    @Test func theDemoWaitsForNobody() async throws {
        let torii = try ToriiProcess(["demo", "--game-port", "0", "--http", "127.0.0.1:0", "--udp", "127.0.0.1:0"])
        let start = try await torii.line(containing: " notice listening ")
        let port = try #require(start.firstMatch(of: #/ http=127\.0\.0\.1:(\d+) /#).flatMap { UInt16($0.1) })
        _ = try SmallClient(port: port).joined(route: "demo")
        torii.signal(SIGTERM)
        let outcome = try await torii.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains { $0.contains("reason=gateway-stopping") })
        #expect(!outcome.errors.contains { $0.contains(" draining: ") })
    }
}

/// Asks one thing of a port of 127.0.0.1, on a connection of its own.
struct SmallClient {
    struct Answer {
        let status: Int
        let head: [Substring]
        let body: Substring

        subscript(name: String) -> String? {
            head.first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
        }
    }

    let port: UInt16

    func answer(
        _ line: String, host: String = "a", type: String? = nil, token: String? = nil, body: String = ""
    ) throws -> Answer {
        let headers =
            ["Host: \(host)", "Connection: close", "Content-Length: \(body.utf8.count)"]
            + (token.map { ["Authorization: Bearer \($0)"] } ?? [])
        let all = ["\(line) HTTP/1.1"] + headers + (type.map { ["Content-Type: \($0)"] } ?? [])
        let connection = try TakenPort.connection(
            to: port, sending: all.map { "\($0)\r\n" }.joined() + "\r\n" + body, isAnswered: false)
        defer { close(connection) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
        let text = String(decoding: bytes, as: UTF8.self)
        let end = try #require(text.firstRange(of: "\r\n\r\n"), "\(line): \(text)")
        let head = text[..<end.lowerBound].split(separator: "\r\n")
        let status = try #require(head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return Answer(status: status, head: head, body: text[end.upperBound...])
    }

    func join(route: String = "world") throws -> Answer {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let offer = try String(contentsOf: root.appending(path: "Fixtures/sdp/chromium-data.sdp"), encoding: .utf8)
        return try answer("POST /join/\(route)", type: "application/sdp", body: offer)
    }

    /// The path of a new session.
    func joined(route: String = "world") throws -> String {
        let answer = try join(route: route)
        return try #require(answer["Location"], "\(answer)")
    }
}
