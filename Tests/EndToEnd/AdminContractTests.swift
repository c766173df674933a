import Foundation
import Testing

/// The running gateway's admin port does what Signaling/admin/admin-api.yaml says, and nothing else.
@Suite struct AdminContractTests {
    @Test(.requires(.schemathesis)) func theAdminPortKeepsItsContract() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-contract-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            atPath: Checkout.path("Tests/EndToEnd/Contract/admin.toml"),
            toPath: folder.appending(path: "schemathesis.toml").path(percentEncoded: false))
        try await AdminWorld.running { gateway, _ in
            let joined = try await Demo.curl(
                "\(gateway.origin)/join/world", "--header", "Content-Type: application/sdp", "--data-binary",
                "@\(Checkout.path("Fixtures/sdp/chromium-data.sdp"))")
            let id = try #require(joined.headers["location"]?.split(separator: "/").last)
            let arguments = [
                "--chdir=\(folder.path(percentEncoded: false))", "PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1",
                try Requirement.schemathesis.path(), "run", Checkout.path("Signaling/admin/admin-api.yaml"), "--url",
                "http://\(gateway.admin)", "--header", "Authorization: Bearer \(AdminWorld.token)",
                "--continue-on-failure",
            ]
            try await ChildProcess.running("env", arguments) { checker in
                let exit = try await checker.exit(within: .seconds(180))
                let words = checker.output.entries.joined(separator: "\n")
                #expect(exit == .code(0), "\(words)")
                // It was there all the while, and says so in its own log.
                #expect(try await Demo.curl("\(gateway.origin)/health/live").status == 200)
                #expect(gateway.process.errors.entries.contains { $0.contains(" draining: ") }, "\(id)")
            }
        }
    }
}
