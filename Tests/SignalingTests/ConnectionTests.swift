import NIOCore
import Testing

@testable import Signaling

/// What clients do to connections.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let files = StaticSite(files: ["a.txt": [0x61], "b.txt": [0x62]])
        try await withServer(TestControl(), site: files) { server in
            try await TestClient.connect(to: server) { client in
                let join = try post("/join/game", offer())
                try await client.send(request("GET /a.txt") + join + request("GET /b.txt") + request("GET /none"))
                #expect(try await client.reply().body == "a")
                let joined = try await client.reply()
                #expect(joined.status == 201)
                #expect(joined["Connection"] == ["keep-alive"])
                #expect(try await client.reply().body == "b")
                #expect(try await client.reply().status == 404)
                // And the connection is good for more.
                try await client.send(request("GET /a.txt"))
                #expect(try await client.reply().body == "a")
            }
        }
    }

    /// More responses than the system's buffers hold: none may be lost or pile up in front of the slow reader.
    @Test func manyPipelinedRequests() async throws {
        let content = String(repeating: "x", count: 64 * 1024)
        try await withServer(TestControl(), site: StaticSite(files: ["a.txt": Array(content.utf8)])) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(String(repeating: request("GET /a.txt"), count: 300))
                for _ in 0..<300 {
                    #expect(try await client.reply().body.utf8.count == 64 * 1024)
                }
            }
        }
    }

    @Test func requestsInSingleBytes() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                for character in try post("/join/game", String(offer().prefix(20))) {
                    try await client.send(String(character))
                }
                #expect(try await client.reply().status == 400)
            }
        }
    }

    @Test func chunkedBodiesAreTaken() async throws {
        try await withServer(TestControl()) { server in
            let body = try offer()
            let halves = [body.prefix(500), body.dropFirst(500)]
            let chunks = halves.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined()
            let reply = try await server.answer(
                request("POST /join/game", ["Content-Type: application/sdp", "Transfer-Encoding: chunked"])
                    + chunks + "0\r\n\r\n")
            #expect(reply.status == 201)
        }
    }

    @Test func announcedLargeBodyIsRefusedUnread() async throws {
        try await withServer(TestControl()) { server in
            for length in ["65537", "1048576", "9223372036854775807"] {
                try await TestClient.connect(to: server) { client in
                    try await client.send(
                        request("POST /join/game", ["Content-Type: application/sdp", "Content-Length: \(length)"]))
                    let reply = try await client.reply()
                    #expect(reply.status == 413)
                    #expect(reply["Connection"] == ["close"])
                    try await client.expectEnd()
                }
            }
        }
    }

    /// Closing at once would reset the connection under the client, and take the answer with it.
    @Test func refusedBodyMayStillBeSent() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(
                    request("POST /join/game", ["Content-Type: application/sdp", "Content-Length: 1048576"]))
                let reply = try await client.reply()
                #expect(reply.status == 413)
                for _ in 0..<16 {
                    try await client.send(String(repeating: "x", count: 0x10000))
                }
                client.finish()
                try await client.expectEnd()
            }
        }
    }

    @Test func lingeringEnds() async throws {
        var limits = Limits()
        limits.lingerTime = .milliseconds(50)
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("POST /join/game", ["Content-Length: 1048576"]))
                #expect(try await client.reply().status == 413)
                await #expect(throws: (any Error).self) {
                    while true { try await client.send("x") }
                }
            }
        }
    }

    @Test func bytesMayFollowAMalformedRequest() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(post("/join/game", offer()) + "nonsense\r\n\r\n")
                #expect(try await client.reply().status == 201)
                #expect(try await client.reply().status == 400)
                for _ in 0..<16 {
                    try await client.send(String(repeating: "x", count: 0x10000))
                }
                client.finish()
                try await client.expectEnd()
            }
        }
    }

    /// The client sends all of it before it reads; the answer must survive that.
    @Test func megabyteBodyGetsItsAnswer() async throws {
        let body = String(repeating: "a=x\r\n", count: 1 << 18)
        try await withServer(TestControl()) { server in
            try await server.expect(413, to: post("/join/game", body))
            let chunk = "10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n"
            let chunked = try await server.answer(
                request("POST /join/game", ["Content-Type: application/sdp", "Transfer-Encoding: chunked"])
                    + String(repeating: chunk, count: 16) + "0\r\n\r\n")
            #expect(chunked.status == 413)
        }
    }

    @Test func bodyOfExactlyTheLimitIsRead() async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(post("/join/game", String(repeating: "x", count: 64 * 1024)))
            #expect(reply.status == 400)
            #expect(reply["Connection"] == ["keep-alive"])
        }
    }

    @Test func continueIsSentToWhoWaitsForIt() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                let body = try offer()
                let head = [
                    "Content-Type: application/sdp", "Expect: 100-continue", "Content-Length: \(body.utf8.count)",
                ]
                try await client.send(request("POST /join/game", head))
                #expect(try await client.reply().status == 100)
                try await client.send(body)
                #expect(try await client.reply().status == 201)
            }
            try await TestClient.connect(to: server) { client in
                try await client.send(
                    request("POST /join/game", ["Expect: 100-continue", "Content-Length: 1000000"]))
                #expect(try await client.reply().status == 413)
            }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\u{1}: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
    ])
    func malformedRequestsEndTheConnection(text: String) async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(text)
                let reply = try await client.reply()
                #expect(reply.status == 400)
                #expect(reply["Connection"] == ["close"])
                try await client.expectEnd()
            }
        }
    }

    @Test func malformedRequestAfterAGoodOne() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("GET /health/live") + "nonsense\r\n\r\n")
                #expect(try await client.reply().status == 200)
                #expect(try await client.reply().status == 400)
                try await client.expectEnd()
            }
        }
    }

    @Test func largeHeadersAreRefused() async throws {
        try await withServer(TestControl()) { server in
            let long = String(repeating: "x", count: 17 * 1024)
            try await server.expect(431, to: request("GET /", ["A: \(long)"]))
            try await server.expect(431, to: request("GET /\(long)"))
            let many = (0..<65).map { "A\($0): b" }
            try await server.expect(431, to: request("GET /", many))
        }
    }

    @Test func otherVersionsAreRefused() async throws {
        try await withServer(TestControl()) { server in
            try await server.expect(505, to: "GET / HTTP/2.0\r\nHost: a\r\n\r\n")
        }
    }

    @Test func oldVersionIsAnsweredAndClosed() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send("GET /health/live HTTP/1.0\r\n\r\n")
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply["Connection"] == ["close"])
                try await client.expectEnd()
            }
            try await TestClient.connect(to: server) { client in
                for _ in 0..<2 {
                    try await client.send("GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(try await client.reply()["Connection"] == ["keep-alive"])
                }
            }
        }
    }

    @Test(arguments: ["Connection: close", "Connection: Upgrade\r\nUpgrade: h2c"])
    func connectionClosesWhenNoneMayFollow(header: String) async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("GET /health/live", [header]))
                let reply = try await client.reply()
                #expect(reply.status == 200)
                #expect(reply["Connection"] == ["close"])
                try await client.expectEnd()
            }
        }
    }

    @Test func halfClosedClientGetsItsAnswers() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("GET /health/live") + post("/join/game", offer()))
                client.finish()
                #expect(try await client.reply().status == 200)
                #expect(try await client.reply().status == 201)
                try await client.expectEnd()
            }
        }
    }

    @Test func requestCutOffByTheClient() async throws {
        try await withServer(TestControl()) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send("GET /health/li")
                client.finish()
                #expect(try await client.reply().status == 400)
                try await client.expectEnd()
            }
        }
    }

    @Test func absoluteTargetsAreTaken() async throws {
        try await withServer(TestControl()) { server in
            try await server.expect(200, to: request("GET http://elsewhere.test/health/live?x"))
        }
    }

    // MARK: - Time and place

    @Test func slowHeadIsCutOff() async throws {
        var limits = Limits()
        limits.requestTime = .milliseconds(50)
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send("GET /health/live HTTP/1.1\r\nHost: a\r\nX: ")
                try await client.expectEnd()
            }
        }
    }

    @Test func slowBodyIsCutOff() async throws {
        var limits = Limits()
        limits.requestTime = .milliseconds(50)
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("POST /join/game", ["Content-Length: 10"]) + "v=0")
                #expect(try await client.reply().status == 408)
                try await client.expectEnd()
            }
        }
    }

    @Test func aConnectionThatNeverSpeaksIsClosed() async throws {
        var limits = Limits()
        limits.idleTime = .milliseconds(50)
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { client in
                try await client.expectEnd()
            }
        }
    }

    @Test func aConnectionIdleAfterARequestIsClosed() async throws {
        var limits = Limits()
        limits.idleTime = .milliseconds(500)
        var isClosedAfterReply = false
        try await withServer(TestControl(), limits: limits) { server in
            // On a busy machine a connection may be idle for too long before its request is out: another one then.
            for _ in 1...50 where !isClosedAfterReply {
                try await TestClient.connect(to: server) { client in
                    do {
                        try await client.send(request("GET /health/live"))
                        #expect(try await client.reply().status == 200)
                    } catch {
                        return
                    }
                    try await client.expectEnd()
                    isClosedAfterReply = true
                }
            }
        }
        #expect(isClosedAfterReply)
    }

    @Test func newConnectionTakesTheLongestIdlesPlace() async throws {
        var limits = Limits()
        limits.connections = 2
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { first in
                try await first.send(request("GET /health/live"))
                _ = try await first.reply()
                try await TestClient.connect(to: server) { second in
                    try await second.send(request("GET /health/live"))
                    _ = try await second.reply()
                    try await server.expect(200, to: request("GET /health/live"))
                    try await first.expectEnd()
                    try await second.send(request("GET /health/live"))
                    #expect(try await second.reply().status == 200)
                }
            }
        }
    }

    @Test func busyConnectionsKeepTheirPlace() async throws {
        var limits = Limits()
        limits.connections = 1
        try await withServer(TestControl(), limits: limits) { server in
            try await TestClient.connect(to: server) { busy in
                try await busy.send(request("POST /join/game", ["Expect: 100-continue", "Content-Length: 1"]))
                #expect(try await busy.reply().status == 100)
                try await TestClient.connect(to: server) { other in
                    try await other.expectEnd()
                }
                try await busy.send("x")
                #expect(try await busy.reply().status == 415)
            }
        }
    }
}
