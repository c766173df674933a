import Foundation
import Testing

/// `torii demo`, as its tests use it.
enum Demo {
    /// Runs the demo on free ports, with a native player who looks on.
    static func running(
        _ options: [String] = [], _ body: (GatewayProgram, ServerProgram) async throws -> Void
    ) async throws {
        let gamePort = try UnusedPort.udp()
        try await GatewayProgram.running(["demo", "--game-port", "\(gamePort)"] + options) { gateway in
            try await ENetProgram.observer(port: Int(gamePort)) { observer in
                try await body(gateway, observer)
            }
        }
    }

    /// Waits until the page is in the game and has a place there; its player's id.
    static func entered(_ page: any DrivenPage) async throws -> Int {
        try await page.until(
            "globalThis.toriiDemo?.state === 'joined' && toriiDemo.players.some(({ id }) => id === toriiDemo.id)")
        return try #require(try await page.evaluate("toriiDemo.id").int)
    }

    /// Where the page shows its own player.
    static func place(_ page: any DrivenPage) async throws -> (x: Double, y: Double) {
        let player = try await page.evaluate("toriiDemo.players.find(({ id }) => id === toriiDemo.id)")
        return (try #require(player["x"].number), try #require(player["y"].number))
    }

    /// Nothing that the Content-Security-Policy forbids was tried, and nothing failed.
    static func expectNothingForbidden(
        on page: any DrivenPage, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await page.evaluate("witnessed").array == [], sourceLocation: sourceLocation)
    }

    /// What a decoder of bar codes reads in a picture.
    static func codes(in picture: Data) async throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString).png")
        try picture.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let arguments = ["--quiet", "--nodbus", "--raw", file.path(percentEncoded: false)]
        return try await ChildProcess.running(try Requirement.zbarimg.path(), arguments) { decoder in
            // 4: it found none.
            let exit = try await decoder.exit()
            guard exit == .code(0) || exit == .code(4) else {
                throw HarnessError("zbarimg: \(exit) \(decoder.errors.entries)")
            }
            return decoder.output.entries
        }
    }

    struct Reply {
        var status: Int
        /// In small letters.
        var headers: [String: String]
        var body: String
    }

    /// One request, in the current network namespace.
    static func curl(_ url: String, _ arguments: String...) async throws -> Reply {
        try await ChildProcess.running("curl", ["--silent", "--show-error", "--include", url] + arguments) { curl in
            guard try await curl.exit() == .code(0) else { throw HarnessError("curl: \(curl.errors.entries)") }
            let lines = curl.output.entries.map { $0.hasSuffix("\r") ? String($0.dropLast()) : $0 }
            let head = lines.prefix { !$0.isEmpty }
            let pairs = head.dropFirst().compactMap { line -> (String, String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                return (line[..<colon].lowercased(), value)
            }
            return Reply(
                status: head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
                headers: Dictionary(pairs) { first, _ in first },
                body: lines.dropFirst(head.count + 1).joined(separator: "\n"))
        }
    }
}

extension ServerProgram {
    /// A player's entry, as the observer of the demo's world tells it.
    func joined(_ wanted: @escaping @Sendable (JSONValue) -> Bool) async throws -> JSONValue {
        try await event("joined", within: .seconds(30), where: wanted)
    }
}
