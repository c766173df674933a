import Foundation
import Testing

extension BrowserTests {
    /// What README.md tells people to write works as it stands there.
    @Suite struct ReadmeTests {
        /// The library's, and the one by plain WebRTC.
        @Test(
            .requires(.chromium, .firefox), arguments: Browser.available,
            [("README.md", "localhost:8080/torii.js"), ("Signaling/client/README.md", "new RTCPeerConnection")])
        func theWebClientPlays(browser: Browser, client: (file: String, beginning: String)) async throws {
            let code = try Self.code("js", of: client.file, with: client.beginning)
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

        /// Parsed and type-checked; with these warnings as errors Godot also refuses a method or property that the class
        /// does not have.
        @Test(.requires(.godot4)) func theGodotScriptIsValid() async throws {
            let project = FileManager.default.temporaryDirectory.appending(path: "torii-readme-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: project, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: project) }
            let settings = """
                config_version=5
                [debug]
                gdscript/warnings/unsafe_method_access=2
                gdscript/warnings/unsafe_property_access=2
                """
            let files = ["project.godot": settings, "join.gd": "extends Node\n\n\(try Self.code("gdscript"))\n"]
            for (name, text) in files {
                try text.write(to: project.appending(path: name), atomically: true, encoding: .utf8)
            }
            let path = project.path(percentEncoded: false)
            let arguments = ["--headless", "--path", path, "--check-only", "-s", "join.gd"]
            try await ChildProcess.running(Requirement.godot4.path(), arguments) { godot in
                let exit = try await godot.exit()
                #expect(exit == .code(0), "\(godot.errors.entries.joined(separator: "\n"))")
            }
        }

        /// A file's only block of code in that language, or the only one that begins so.
        private static func code(
            _ language: String, of file: String = "README.md", with beginning: String = ""
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
