import Foundation
import Testing

@testable import Signaling

@Suite(.timeLimit(.minutes(1))) struct StaticSiteTests {
    private let site = StaticSite(files: [
        "index.html": Array("<!doctype html>".utf8), "main.js": Array("1".utf8), "style.css": Array("a{}".utf8),
        "gate.svg": Array("<svg/>".utf8),
    ])

    @Test func filesHaveTypesAndPolicy() async throws {
        try await withServer(TestControl(), site: site) { server in
            let types = [
                "/": "text/html; charset=utf-8", "/index.html": "text/html; charset=utf-8",
                "/main.js?v=1": "text/javascript; charset=utf-8", "/style.css": "text/css; charset=utf-8",
                "/gate.svg": "image/svg+xml",
            ]
            for (path, type) in types {
                let reply = try await server.answer(request("GET \(path)"))
                #expect(reply.status == 200)
                #expect(reply["Content-Type"] == [type])
                #expect(reply["Cache-Control"] == ["no-cache"])
                #expect(reply["Referrer-Policy"] == ["no-referrer"])
                #expect(reply["X-Content-Type-Options"] == ["nosniff"])
                #expect(
                    reply["Content-Security-Policy"] == [
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                            + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                            + "require-trusted-types-for 'script'; trusted-types 'none'"
                    ])
            }
            #expect(try await server.answer(request("GET /")).body == "<!doctype html>")
        }
    }

    @Test func unchangedFilesAreNotSentAgain() async throws {
        try await withServer(TestControl(), site: site) { server in
            let tag = try #require(try await server.answer(request("GET /main.js"))["ETag"].first)
            for condition in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let reply = try await server.answer(request("GET /main.js", ["If-None-Match: \(condition)"]))
                #expect(reply.status == 304)
                #expect(reply["ETag"] == [tag])
                #expect(reply["Content-Length"] == [])
            }
            try await server.expect(200, to: request("GET /main.js", ["If-None-Match: \"x\""]))
            try await server.expect(200, to: request("GET /style.css", ["If-None-Match: \(tag)"]))
        }
    }

    @Test func headHasTheLengthButNotTheBody() async throws {
        try await withServer(TestControl(), site: site) { server in
            try await TestClient.connect(to: server) { client in
                try await client.send(request("HEAD /") + request("GET /main.js"))
                let head = try await client.reply(toHead: true)
                #expect(head.status == 200)
                #expect(head["Content-Length"] == ["15"])
                #expect(try await client.reply().body == "1")
            }
        }
    }

    @Test(arguments: [
        "/../Package.swift", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/main.js/",
        "/MAIN.js",
        "/%00", "/main.js%00.html", "/.git/config", "/nothing.html",
    ])
    func onlyTheTableIsServed(path: String) async throws {
        try await withServer(TestControl(), site: site) { server in
            try await server.expect(404, to: request("GET \(path)"))
        }
    }

    @Test func filesTakeNoOtherMethods() async throws {
        try await withServer(TestControl(), site: site) { server in
            let reply = try await server.answer(request("POST /", body: "x"))
            #expect(reply.status == 405)
            #expect(reply["Allow"] == ["GET, HEAD, OPTIONS"])
            try await server.expect(404, to: request("POST /joni/game", body: "x"))
        }
    }

    @Test func withoutSiteTheRootExplainsItself() async throws {
        try await withServer(TestControl()) { server in
            let root = try await server.answer(request("GET /"))
            #expect(root.status == 404)
            #expect(root.body.contains("Torii") && root.body.contains("/join/"))
            try await server.expect(404, to: request("GET /x"))
        }
    }

    @Test func directoryIsRead() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "torii-site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "folder.html"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for name in ["index.html", "empty.css", ".hidden.js", "secret.key", "README"] {
            let text = name == "empty.css" ? "" : name
            try Data(text.utf8).write(to: directory.appending(path: name))
        }
        let site = try StaticSite(directory: directory.path)
        #expect(site["/"]?.contents == Array("index.html".utf8))
        #expect(site["/empty.css"]?.contents == [])
        for absent in ["/.hidden.js", "/secret.key", "/README", "/folder.html"] {
            #expect(site[absent] == nil)
        }
        #expect(throws: StaticSiteError.unreadable("/no/such/place", 2)) {
            try StaticSite(directory: "/no/such/place")
        }
        #expect(throws: StaticSiteError.noFiles(directory.path + "/folder.html")) {
            try StaticSite(directory: directory.path + "/folder.html")
        }
    }

    @Test func boundsOfADirectory() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "torii-site-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let large = directory.appending(path: "0.js")
        try Data(count: StaticSite.maximumFileBytes + 1).write(to: large)
        #expect(throws: StaticSiteError.fileTooLarge(large.path)) { try StaticSite(directory: directory.path) }
        for number in 0...StaticSite.maximumFiles {
            try Data().write(to: directory.appending(path: "\(number).js"))
        }
        #expect(throws: StaticSiteError.tooManyFiles(directory.path)) { try StaticSite(directory: directory.path) }
    }

    @Test func demoPageLoads() async throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let site = try StaticSite(directory: root.appending(path: "Signaling/demo").path)
        #expect(site["/"]?.contentType == "text/html; charset=utf-8")
        #expect(site["/main.js"] != nil)
    }
}
