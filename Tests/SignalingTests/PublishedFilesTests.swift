import Foundation
import Testing

@testable import Signaling

/// The client library and the contract, which every gateway hands out.
@Suite(.timeLimit(.minutes(1))) struct PublishedFilesTests {
    @Test(arguments: [
        ("torii.js", "Signaling/client/torii.js", "text/javascript; charset=utf-8"),
        ("openapi.yaml", "Signaling/openapi.yaml", "application/yaml"),
    ])
    func aFileIsThereForPagesOfAnyOrigin(name: String, path: String, type: String) async throws {
        try await withServer(TestControl()) { server in
            let reply = try await server.answer(request("GET /\(name)", ["Origin: https://game.example"]))
            #expect(reply.status == 200)
            #expect(reply["Content-Type"] == [type])
            #expect(reply["Access-Control-Allow-Origin"] == ["*"])
            #expect(reply["Cache-Control"] == ["no-cache"])
            #expect(try reply.body == repositoryFile(path))
            let tag = try #require(reply["ETag"].first)
            try await server.expect(304, to: request("GET /\(name)", ["If-None-Match: \(tag)"]))
            try await server.expect(405, to: request("POST /\(name)", body: "x"))
        }
    }

    /// Pages and gateways of one version belong together; a site's own file of that name would be another version.
    @Test func aSiteDoesNotReplaceThem() async throws {
        let site = StaticSite(files: ["index.html": [], "torii.js": Array("old".utf8)])
        try await withServer(TestControl(), site: site) { server in
            #expect(try await server.answer(request("GET /torii.js")).body != "old")
            try await server.expect(200, to: request("GET /"))
        }
    }
}
