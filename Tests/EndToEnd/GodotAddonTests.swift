import Foundation
import Testing

extension BrowserTests.GodotAddon {
    /// The Godot add-on and its example (Signaling/godot) in a real Godot 4.6. In place of a web export, which cannot be made
    /// here, a headless Godot plays with a connection that is in a real browser's page (Servers/godot4/glue).
    @Suite struct GodotAddonTests {
        /// Types may be inferred, `connect` returns what nobody needs, and a coroutine may run by itself.
        private static let allowed: Set = ["inferred_declaration", "return_value_discarded", "missing_await"]

        /// With all of Godot's warnings as errors but those.
        @Test(.requires(.godot4)) func theScriptsAreTypedAndWithoutWarnings() async throws {
            let example = try GodotExample.current
            let complaints = example.messages.filter { $0.contains("SCRIPT ERROR") || $0.contains("res://") }
            #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
            try await example.strict(but: Self.allowed) { strict in
                for script in try Self.scripts() {
                    let complaints = try await strict.complaints(about: script)
                    #expect(complaints.isEmpty, "\(script): \(complaints.joined(separator: "\n"))")
                }
            }
        }

        /// What README.md and Deploy/godot.md tell people to write, in a project with the add-on.
        @Test(.requires(.godot4)) func theDocumentsScriptsAreValid() async throws {
            let scripts = [
                "readme.gd": "extends Node\n\n" + (try BrowserTests.ReadmeTests.code("gdscript")) + "\n",
                "guide.gd": try BrowserTests.ReadmeTests.code("gdscript", in: "Deploy/godot.md") + "\n",
            ]
            try await GodotExample.current.strict(but: Self.allowed) { strict in
                for (name, text) in scripts {
                    #expect(text.contains("Torii.join("))
                    try text.write(to: strict.folder.appending(path: name), atomically: true, encoding: .utf8)
                    let complaints = try await strict.complaints(about: name)
                    #expect(complaints.isEmpty, "\(name): \(complaints.joined(separator: "\n"))")
                }
            }
        }

        @Test(.requires(.godot4)) func everythingPublicHasItsDocumentation() throws {
            var previous = ""
            let addon = Checkout.path("Signaling/godot/addons/torii/torii.gd")
            for line in try String(contentsOfFile: addon, encoding: .utf8).split(separator: "\n") {
                let isDeclaration = ["func ", "static func ", "signal ", "var ", "const ", "enum "].contains {
                    line.hasPrefix($0) && !line.hasPrefix("\($0)_")
                }
                #expect(!isDeclaration || previous.hasPrefix("##"), "\(line)")
                previous = String(line)
            }
        }

        /// Without a gateway: server and players are what they would be without the add-on.
        @Test(.requires(.godot4)) func nativePlayersPlayTheExample() async throws {
            let example = try GodotExample.current
            try await example.server { server, port in
                try await Self.native(port) { first, firstID in
                    try await Self.native(port) { second, secondID in
                        try await first.event("came") { $0["player"].string == secondID }
                        first.command("press ui_right")
                        try await second.event("moved") { $0["player"].string == firstID }
                        second.command("press ui_accept")
                        try await first.event("waved") { $0["player"].string == secondID }
                        second.command("quit")
                        try await first.event("went") { $0["player"].string == secondID }
                    }
                }
                _ = try await server.lines.first("the end of one") { $0.hasSuffix(" left.") }
            }
        }

        /// Everything but Godot's own glue is there: the add-on's scripts, WebRTCMultiplayerPeer, the page's shim, the
        /// browser, the gateway, and the example's own server, which has a native player, too.
        @Test(.requires(.chromium, .firefox, .godot4), arguments: Browser.available)
        func webAndNativePlayersPlayTheExample(browser: Browser) async throws {
            try await withPlayer(browser) { web, _, gateway, port in
                try await Self.native(port) { native, nativeID in
                    web.command("torii \(gateway.join("world"))")
                    try await web.event("joined")
                    let webID = try await Self.ownID(of: web)
                    try await native.event("came") { $0["player"].string == webID }
                    try await web.event("came") { $0["player"].string == nativeID }
                    native.command("press ui_down")
                    native.command("press ui_right")
                    try await web.event("moved") { $0["player"].string == nativeID }
                    web.command("press ui_right")
                    try await native.event("moved") { $0["player"].string == webID }
                    web.command("press ui_accept")
                    try await native.event("waved") { $0["player"].string == webID }
                    native.command("press ui_accept")
                    try await web.event("waved") { $0["player"].string == nativeID }
                    web.command("leave")
                    try await native.event("went") { $0["player"].string == webID }
                    let ended = try await gateway.ended()
                    #expect(["player-left", "browser-closed"].contains(ended["reason"]))
                }
                #expect(web.events("left").isEmpty)
            } report: { report in
                // What the game sends unreliably is so in the page, thanks to the shim.
                #expect(report.details("channel").map { $0["retransmits"].int } == [nil, 0, 0])
            }
        }

        /// Nothing gets through until the browser finds the connection disconnected; then it does again, and the game goes on.
        @Test(.requires(.chromium, .firefox, .godot4)) func anInterruptionIsSurvived() async throws {
            // What is waited for is a timeout, so both wait at once.
            try await Browser.atOnce { browser in
                try await LossyRelay.running(seed: 1) { relay in
                    let options = ["--advertise", "127.0.0.1:\(relay.port)", "--tcp", "off"]
                    try await withPlayer(browser, gatewayOptions: options) { web, page, gateway, port in
                        relay.forward(to: gateway.udpPort)
                        try await Self.native(port) { native, _ in
                            web.command("torii \(gateway.join("world"))")
                            try await web.event("joined")
                            let webID = try await Self.ownID(of: web)
                            relay.forward(to: gateway.udpPort, lossPerMille: 1_000)
                            _ = try await page.step("ICE is disconnected")
                            relay.forward(to: gateway.udpPort)
                            web.command("press ui_accept")
                            try await native.event("waved") { $0["player"].string == webID }
                            #expect(web.events("left").isEmpty)
                        }
                    }
                }
            }
        }

        /// Runs the example's server, a gateway before it, and a web player whose connection is in a page of that browser.
        private func withPlayer(
            _ browser: Browser, gatewayOptions: [String] = [],
            _ body: (ServerProgram, Browser.Page, GatewayProgram, Int) async throws -> Void,
            report: (Browser.Report) throws -> Void = { _ in }
        ) async throws {
            let example = try GodotExample.current
            try await example.server { _, port in
                let route = "world=enet://127.0.0.1:\(port)"
                try await GatewayProgram.serving([route], options: gatewayOptions) { gateway in
                    try await example.webPlayer(in: browser) { web, page in
                        try await body(web, page, gateway, port)
                    } report: {
                        try report($0)
                    }
                }
            }
        }

        private static func native(_ port: Int, _ body: (ServerProgram, String) async throws -> Void) async throws {
            try await GodotExample.current.run("example.gd", ["--port", "\(port)"]) { player in
                player.command("join")
                try await body(player, ownID(of: player))
            }
        }

        private static func ownID(of player: ServerProgram) async throws -> String {
            let came = try await player.event("came") { $0["is_own"].bool == true }
            return try #require(came["player"].string)
        }

        private static func scripts() throws -> [String] {
            let folder = Checkout.path("Signaling/godot")
            let paths = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
            let scripts = paths.filter { $0.hasSuffix(".gd") && !$0.hasPrefix(".") }
            #expect(scripts.contains("addons/torii/torii.gd"))
            return scripts
        }
    }
}

extension GodotExample {
    /// Runs Servers/godot4/glue/player.gd with a page of that browser.
    func webPlayer(
        in browser: Browser, _ options: [String] = [], page parameters: [String: String] = [:],
        _ body: (ServerProgram, Browser.Page) async throws -> Void,
        report: (Browser.Report) throws -> Void = { _ in }
    ) async throws {
        try await run("glue/player.gd", options) { web in
            let port = try await web.number(after: "LISTENING")
            let all = parameters.merging(["godot": "\(port)"]) { $1 }
            let seen = try await browser.run("godot-glue", "serve", parameters: all) { page in
                _ = try await page.step("serving")
                try await web.event("page")
                try await body(web, page)
                page.stop()
            }
            #expect(seen.error == nil)
            try report(seen)
        }
    }
}
