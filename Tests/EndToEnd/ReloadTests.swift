import Foundation
import Testing

extension BrowserTests {
    /// A gateway gets another file of settings while a page plays.
    @Suite struct ReloadTests {
        @Test(.requires(.chromium, .firefox)) func whoPlaysStaysAndWhoComesFindsTheNewRoute() async throws {
            try await ENetProgram.echoServer { first, firstPort in
                try await ENetProgram.echoServer { second, secondPort in
                    try await playing(first, firstPort, second, secondPort)
                }
            }
        }

        private func playing(
            _ first: ServerProgram, _ firstPort: Int, _ second: ServerProgram, _ secondPort: Int
        ) async throws {
            let path = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString).yaml")
                .path(percentEncoded: false)
            defer { try? FileManager.default.removeItem(atPath: path) }
            func write(_ port: Int, _ more: String = "") throws {
                try "routes: {world: {server: \"enet://127.0.0.1:\(port)\", profile: channels}}\n\(more)".write(
                    toFile: path, atomically: true, encoding: .utf8)
            }
            try write(firstPort)
            try await GatewayProgram.running(["serve", "--config", path]) { gateway in
                let report = try await Browser.chromium.run("echo", "stay", join: gateway.join("world")) { page in
                    _ = try await page.step("staying")
                    try await first.event("connected")

                    try write(secondPort)
                    gateway.hangUp()
                    _ = try await gateway.process.errors.first("the reload") {
                        $0.hasSuffix(" configuration reloaded routes_changed=world")
                    }
                    try await expectEcho(gateway, at: second)

                    // A file that cannot be used leaves everything as it is now.
                    try write(firstPort, "max-session: 1\n")
                    gateway.hangUp()
                    _ = try await gateway.process.errors.first("the refusal") {
                        $0.contains(" error configuration not reloaded: \(path):2: max-session is not a setting")
                    }
                    try await expectEcho(gateway, at: second)

                    #expect(try GatewayProgram.socketsConnected(to: firstPort) == 1)
                    await first.process.end()
                    _ = try await page.step("ended")
                }
                #expect(report.error == nil)
            }
        }

        /// One more page joins, plays and leaves, and this server has had it.
        private func expectEcho(_ gateway: GatewayProgram, at server: ServerProgram) async throws {
            let position = server.lines.entries.count
            let report = try await Browser.firefox.run("echo", "close", join: gateway.join("world"))
            #expect(report.error == nil)
            try await server.event("connected", from: position)
        }
    }
}
