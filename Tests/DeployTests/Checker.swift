import Foundation
import Testing

/// The checkout these tests belong to.
enum Checkout {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ relative: String) -> String {
        root.appending(path: relative).path(percentEncoded: false)
    }

    static func text(_ relative: String) throws -> String {
        try String(contentsOfFile: path(relative), encoding: .utf8)
    }
}

/// A program that checks files, and that a machine may lack.
///
/// Without it the test is reported as skipped with the reason; with TORII_REQUIRE_ALL=1, as in CI, it runs and fails.
enum Checker: String {
    case hadolint
    case kubernetesValidate = "kubernetes-validate"
    case yamllint
    /// With the packages of the others.
    case python
    case systemdAnalyze = "systemd-analyze"
    /// Debian's, like systemd's.
    case promtool

    struct Outcome {
        let status: Int32
        /// Both streams.
        let said: String
    }

    private var isDebians: Bool { self == .systemdAnalyze || self == .promtool }

    private var folder: String {
        isDebians
            ? "/usr/bin"
            : (ProcessInfo.processInfo.environment["TORII_CHECKERS"] ?? Checkout.path(".cache/checkers")) + "/bin"
    }

    private var path: String { "\(folder)/\(rawValue)" }

    var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    var absence: Comment {
        let cure = isDebians ? "Tests/Setup/install-packages test" : "Tests/Setup/install-checkers"
        return "\(rawValue) is not there; run \(cure)"
    }

    /// Runs it to its end, in the checkout.
    func run(_ arguments: [String]) throws -> Outcome {
        try #require(isThere, absence)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = Checkout.root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, said: String(decoding: said, as: UTF8.self))
    }
}

extension Trait where Self == ConditionTrait {
    static func requires(_ checker: Checker) -> Self {
        .enabled(
            if: checker.isThere || ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1", checker.absence)
    }
}
