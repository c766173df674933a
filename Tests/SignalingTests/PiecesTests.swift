import NIOHTTP1
import Synchronization
import Testing

@testable import Signaling

/// A body that comes piece by piece.
@Suite(.timeLimit(.minutes(1))) struct PiecesTests {
    private struct Source: HTTPResponder {
        let pieces: HTTPPieces

        func standardHeaders(for origin: String?) -> HTTPHeaders { [:] }
        func respond(to request: HTTPRequest) async -> HTTPResponse {
            var response = HTTPResponse(.ok)
            response.pieces = pieces
            return response
        }
    }

    private func asking(
        for pieces: HTTPPieces, _ body: (inout TestClient) async throws -> Void
    ) async throws {
        let server = try await SignalingServer.start("127.0.0.1", 0, Source(pieces: pieces), limits: Limits())
        do {
            try await TestClient.connect(to: server) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let head = try await client.read(through: "\r\n\r\n").lowercased()
                #expect(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "\(head)")
                #expect(head.contains("connection: close"))
                try await body(&client)
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func eachComesWhenItIsThere() async throws {
        let (stream, source) = AsyncStream<[UInt8]>.makeStream()
        let iterator = Mutex(stream.makeAsyncIterator())
        let pieces = HTTPPieces {
            var next = iterator.withLock { $0 }
            return await next.next()
        }
        try await asking(for: pieces) { client in
            for text in ["one", "second"] {
                source.yield(Array(text.utf8))
                #expect(try await client.read(through: "\r\n") == "\(text.utf8.count)")
                #expect(try await client.read(through: "\r\n") == text)
            }
            source.finish()
            #expect(try await client.read(through: "\r\n\r\n") == "0")
            try await client.expectEnd()
        }
    }

    /// Nobody makes pieces for a client that has gone.
    @Test func theSourceLearnsThatTheClientIsGone() async throws {
        let (gone, source) = AsyncStream<Void>.makeStream()
        let pieces = HTTPPieces {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { (never: UnsafeContinuation<[UInt8]?, Never>) in
                    source.onTermination = { _ in never.resume(returning: nil) }
                }
            } onCancel: {
                source.yield()
                source.finish()
            }
        }
        try await asking(for: pieces) { client in client.finish() }
        var signs = 0
        for await _ in gone { signs += 1 }
        #expect(signs == 1)
    }
}
