import Foundation
import Testing

extension BrowserTests {
    /// What README.md and Deploy tell people to write works as it stands there; Godot's part is in GodotAddonTests.
    @Suite struct ReadmeTests {
        /// The library's, and the one by plain WebRTC.
        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available,
            [("README.md", "localhost:8080/torii.js"), ("Signaling/client/README.md", "new RTCPeerConnection")])
        func theWebClientPlays(browser: Browser, client: (file: String, beginning: String)) async throws {
            let code = try Self.code("js", in: client.file, with: client.beginning)
            #expect(code.split(separator: "\n").count <= 15)
            try await ENetProgram.echoServer { server, port in
                try await GatewayProgram.serving(["arena=enet://127.0.0.1:\(port)?profile=channels"]) { gateway in
                    let here = code.replacing("http://localhost:8080", with: gateway.origin)
                    #expect(here != code)
                    let report = try await browser.run("readme", "snippet", parameters: ["code": here])
                    #expect(report.error == nil)
                    let logged = try #require(report.details("logged").first)
                    #expect(logged["label"].string == "0")
                    #expect(logged["bytes"].array?.compactMap(\.int) == [1, 2, 3])
                    try await server.event("packet") { $0["channel"].int == 0 && $0["kind"].string == "reliable" }
                }
            }
        }

        /// The server of Deploy/enet.md, compiled as it says but for the compiler's name, and the page there.
        @Test(.requires(.chromium, .firefox, .networkNamespaces), arguments: Browser.available)
        func theServerAndThePageForPlainENetMeet(browser: Browser) async throws {
            let page = try Self.code("js", in: "Deploy/enet.md")
            let server = try Self.code("c", in: "Deploy/enet.md")
            let folder = FileManager.default.temporaryDirectory.appending(path: "torii-enet-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try server.write(to: folder.appending(path: "server.c"), atomically: true, encoding: .utf8)
            let path = folder.path(percentEncoded: false)
            try await ChildProcess.running("bash", ["-c", "cd \(path) && clang -o server server.c -lenet"]) {
                compiler in
                let exit = try await compiler.exit()
                #expect(exit == .code(0), "\(compiler.errors.entries.joined(separator: "\n"))")
            }
            // The server's port is fixed, so it has a network of its own.
            try await NetworkNamespace.running(.ipv4) { _ in
                try await ChildProcess.running("\(path)/server") { program in
                    try await GatewayProgram.serving(["arena=enet://127.0.0.1:9000?profile=channels"]) { gateway in
                        let here = page.replacing("http://localhost:8080", with: gateway.origin)
                        #expect(here != page)
                        let report = try await browser.run("readme", "snippet", parameters: ["code": here])
                        #expect(report.error == nil)
                        let logged = try #require(report.details("logged").first)
                        #expect(logged["label"].string == "0")
                        #expect(logged["bytes"].array?.compactMap(\.int) == [1, 2, 3])
                        _ = try await program.output.first("the data word") { $0 == "a player came with 7" }
                    }
                }
            }
        }

        /// A file's only block of code in that language, or the only one that begins so.
        static func code(
            _ language: String, in file: String = "README.md", with beginning: String = ""
        ) throws -> String {
            let readme = try String(contentsOfFile: Checkout.path(file), encoding: .utf8)
            let blocks = readme.components(separatedBy: "```\(language)\n").dropFirst()
                .compactMap { $0.components(separatedBy: "\n```").first }
                .filter { $0.prefix { $0 != "\n" }.contains(beginning) || beginning.isEmpty }
            #expect(blocks.count == 1)
            return try #require(blocks.first)
        }
    }
}
