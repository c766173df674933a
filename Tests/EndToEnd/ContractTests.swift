import Foundation
import Testing

/// The running gateway does what Signaling/openapi.yaml says, and nothing else: status codes, headers, media types and
/// bodies, for requests that the document allows and for others, made from a seed.
@Suite struct ContractTests {
    @Test(.requires(.schemathesis)) func theGatewayKeepsItsContract() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-contract-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["schemathesis.toml", "hooks.py"] {
            try FileManager.default.copyItem(
                atPath: Checkout.path("Tests/EndToEnd/Contract/\(name)"),
                toPath: folder.appending(path: name).path(percentEncoded: false))
        }
        let port = try UnusedPort.udp()
        let options = ["--max-joins-per-address", "1000", "--turn", "stun:127.0.0.1:\(port)"]
        try await GatewayProgram.serving([ClientWorld.route(to: Int(port))], options: options) { gateway in
            let arguments = [
                "--chdir=\(folder.path(percentEncoded: false))", "PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1",
                try Requirement.schemathesis.path(), "run", Checkout.path("Signaling/openapi.yaml"), "--url",
                gateway.origin, "--continue-on-failure",
            ]
            try await ChildProcess.running("env", arguments) { checker in
                let exit = try await checker.exit(within: .seconds(180))
                let words = checker.output.entries.joined(separator: "\n")
                #expect(exit == .code(0), "\(words)")
                // Sessions came of it, and were asked for, restarted and ended by their Location.
                #expect(words.contains("API Links:") && !words.contains("API Links:    0 covered"), "\(words)")
                let log = gateway.process.errors.entries
                #expect(log.contains { $0.contains(" joined") } && log.contains { $0.contains("reason=player-left") })
            }
        }
    }
}
