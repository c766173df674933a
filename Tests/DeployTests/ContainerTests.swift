import Foundation
import Testing

/// The recipe of the image, which is built nowhere in the suite: no registry is asked for what it begins with.
@Suite struct ContainerTests {
    private static let recipe = "Deploy/container/Containerfile"

    @Test(.requires(.hadolint)) func theStrictestLinterFindsNothing() throws {
        let outcome = try Checker.hadolint.run(["--no-color", "--failure-threshold", "style", Self.recipe])
        #expect(outcome.said.isEmpty)
        #expect(outcome.status == 0)
    }

    /// What `make build` installs is what the image is built with.
    @Test func itIsBuiltWithThePackagesTheCommandNeeds() throws {
        let setup = try Checkout.text("Tests/Setup/install-packages")
        let wanted = try #require(setup.firstMatch(of: #/\nbuild=\((.+)\)/#)).1.split(separator: " ")
        let recipe = try Checkout.text(Self.recipe)
        let installed = try #require(recipe.firstMatch(of: #/no-install-recommends \\\n([^&]+)\\\n/#)).1
        #expect(
            Set(installed.split(whereSeparator: \.isWhitespace)) == Set(wanted).union(["ca-certificates"]))
    }

    @Test func itRunsAsNobodyOfRank() throws {
        let recipe = try Checkout.text(Self.recipe)
        let last = try #require(recipe.components(separatedBy: "\nFROM ").last)
        #expect(last.hasPrefix("scratch\n"))
        let user = try #require(last.firstMatch(of: #/\nUSER (\d+):(\d+)\n/#))
        #expect(Int(user.1) ?? 0 >= 1000 && Int(user.2) ?? 0 >= 1000)
        #expect(last.contains(#"CMD ["/usr/bin/torii", "health"]"#))
    }

    /// A tree for a program of this machine: all that it loads is there, and named with its package.
    @Test func theTreeHasWhatACommandLoads() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-image-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let command = "/usr/bin/openssl"
        try Self.collect(command, folder)
        let loaded = try Self.output("/usr/bin/ldd", [command]).matches(of: #/(\/\S+) \(/#).map { String($0.1) }
        #expect(loaded.count >= 3)
        for path in loaded {
            #expect(FileManager.default.fileExists(atPath: folder.path + path), "\(path)")
        }
        let packages = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/var/lib/dpkg/status.d")
        #expect(Set(packages).isSuperset(of: ["libc6", "libssl3", "ca-certificates"]))
        #expect(FileManager.default.fileExists(atPath: folder.path + "/etc/ssl/certs/ca-certificates.crt"))
    }

    private static func collect(_ command: String, _ folder: URL) throws {
        _ = try output(Checkout.path("Deploy/container/collect"), [command, folder.path])
    }

    private static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: said, as: UTF8.self)
    }
}
