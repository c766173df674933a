import Foundation
import Testing

/// What the files of Deploy hand to the gateway: `torii config` takes what `serve` takes, and asks for no name.
@Suite(.timeLimit(.minutes(2))) struct DeployedSettingsTests {
    private static let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Deploy")

    @Test(arguments: ["host-network", "load-balancer"]) func aManifestsSettingsAreSettings(name: String) async throws {
        let manifest = try Self.text("kubernetes/\(name).yaml")
        let arguments = try #require(manifest.firstMatch(of: #/\n +args:\n((?: +(?:- |#).*\n)+)/#)).1
            .split(separator: "\n").map { $0.drop { $0 == " " } }
            .filter { $0.hasPrefix("- ") }
            .map { String($0.dropFirst(2)).replacing("$(POD_NAME)", with: "torii-0") }
        try await expectTaken(
            arguments, file: Self.block(after: "  torii.yaml: |", in: manifest), holds: "max-sessions: 300")
    }

    @Test func theUnitsArgumentsAreArguments() async throws {
        let unit = try Self.text("systemd/torii.service")
        let line = try #require(unit.firstMatch(of: #/ExecStart=\/usr\/bin\/torii (.*)\n/#)).1
        try await expectTaken(
            line.split(separator: " ").map(String.init), file: Self.shipped(), holds: "max-sessions: 300")
    }

    @Test func theImagesArgumentsAreArguments() async throws {
        let recipe = try Self.text("container/Containerfile")
        let list = try #require(recipe.firstMatch(of: #/\nCMD (\[.*\])\n/#)).1
        let arguments = try JSONDecoder().decode([String].self, from: Data(list.utf8))
        try await expectTaken(arguments, file: Self.shipped(), holds: "max-sessions: 300")
    }

    /// - Parameter holds: a line of what the settings come to, without where it is from.
    private func expectTaken(
        _ arguments: [String], file: String, holds: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let file = try SettingsFile(file)
        #expect(arguments.first == "serve", sourceLocation: sourceLocation)
        let taken = arguments.dropFirst().map { $0.replacing("/etc/torii/torii.yaml", with: file.path) }
        #expect(taken.contains { $0.contains(file.path) }, sourceLocation: sourceLocation)
        let outcome = try await ToriiProcess.run(["config"] + taken)
        #expect(outcome.status == 0, sourceLocation: sourceLocation)
        #expect(outcome.errors == [], sourceLocation: sourceLocation)
        #expect(outcome.output.contains("\n\(holds)  # "), sourceLocation: sourceLocation)
    }

    /// The example of shipping.md.
    private static func shipped() throws -> String {
        let page = try text("shipping.md")
        return String(try #require(page.firstMatch(of: #/```yaml\n((?:.*\n)*?)```/#)).1)
    }

    /// The lines after `key` that are indented further.
    private static func block(after key: String, in text: String) throws -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == key })
        return lines[(start + 1)...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: deploy.appending(path: path), encoding: .utf8)
    }
}
