import Foundation
import Testing

extension BrowserTests {
    /// Every suite that plays the add-on's example is nested in this one, as it takes seconds to prepare.
    @Suite(.withGodotExample) enum GodotAddon {}
}

/// A copy of Signaling/godot, opened once by Godot's editor as whoever gets the add-on opens it, with the glue of
/// Servers/godot4/glue in it. It lasts as long as the suite.
struct GodotExample: Sendable {
    let folder: URL
    /// What the editor said.
    let messages: [String]

    @TaskLocal private static var prepared: GodotExample?

    static var current: GodotExample {
        get throws {
            guard let prepared else { throw HarnessError("a test with the example belongs in BrowserTests.GodotAddon") }
            return prepared
        }
    }

    /// Runs the example as it stands, as its server on a free port; `body` gets the port.
    func server<Result: Sendable>(_ body: (ServerProgram, Int) async throws -> Result) async throws -> Result {
        let arguments = ["--headless", "--path", path, "--", "--server", "--port", "0"]
        return try await ChildProcess.running(Requirement.godot4.path(), arguments) { process in
            let program = ServerProgram(process: process, lines: process.output)
            let line = try await process.output.first("the port") { $0.hasPrefix("Listening on UDP port ") }
            guard let port = line.split(separator: " ").last.flatMap({ Int($0.dropLast()) }) else {
                throw HarnessError("the example wrote \"\(line)\"")
            }
            return try await body(program, port)
        }
    }

    /// Runs Servers/godot4/SCRIPT in the example.
    func run<Result: Sendable>(
        _ script: String, _ options: [String] = [], _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        let script = Checkout.path("Tests/EndToEnd/Servers/godot4/\(script)")
        let arguments = ["--headless", "--path", path, "-s", script, "--"] + options
        return try await ChildProcess.running(Requirement.godot4.path(), arguments) { process in
            let program = ServerProgram(process: process, lines: process.output)
            try await program.event("ready")
            return try await body(program)
        }
    }

    /// What Godot says to a script of the example when it only checks it; nothing when it is right.
    func complaints(about script: String) async throws -> [String] {
        let arguments = ["--headless", "--path", path, "--check-only", "-s", "res://\(script)"]
        return try await ChildProcess.running(Requirement.godot4.path(), arguments) { godot in
            let exit = try await godot.exit()
            return exit == .code(0) ? godot.errors.entries : godot.errors.entries + ["ended with \(exit)"]
        }
    }

    /// A copy of it in which each warning that Godot has is an error, but for those.
    func strict<Result: Sendable>(
        but allowed: Set<String>, _ body: (GodotExample) async throws -> Result
    ) async throws -> Result {
        try await Self.withCopy(of: folder) { copy in
            let warnings = try await run("warnings.gd") { godot in
                _ = try await godot.process.exit()
                return godot.events("warning").compactMap { $0["name"].string }
            }
            guard warnings.count > 20 else { throw HarnessError("Godot has only the warnings \(warnings)") }
            let errors = warnings.filter { !allowed.contains($0) }.map { "gdscript/warnings/\($0)=2" }
            let settings = ["", "[debug]", "gdscript/warnings/directory_rules={\"res://addons\": 1}"] + errors + [""]
            let file = copy.appending(path: "project.godot")
            let project = try String(contentsOf: file, encoding: .utf8) + settings.joined(separator: "\n")
            try project.write(to: file, atomically: true, encoding: .utf8)
            return try await body(GodotExample(folder: copy, messages: messages))
        }
    }

    private var path: String { folder.path(percentEncoded: false) }

    private static func withCopy<Result: Sendable>(
        of original: URL, _ body: (URL) async throws -> Result
    ) async throws -> Result {
        let copy = FileManager.default.temporaryDirectory.appending(path: "torii-godot-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: original, to: copy)
        return try await body(copy)
    }

    fileprivate static func lasting(_ body: () async throws -> Void) async throws {
        guard Requirement.godot4.found != nil else { return try await body() }
        try await withCopy(of: URL(filePath: Checkout.path("Signaling/godot"))) { folder in
            try await addGlue(to: folder)
            let arguments = ["--headless", "--path", folder.path(percentEncoded: false), "--import"]
            let messages = try await ChildProcess.running(Requirement.godot4.path(), arguments) { godot in
                _ = try await godot.exit(within: .seconds(120))
                return godot.output.entries + godot.errors.entries
            }
            try await $prepared.withValue(GodotExample(folder: folder, messages: messages)) { try await body() }
        }
    }

    /// Compiled against the header that this Godot writes into the current folder.
    private static func addGlue(to folder: URL) async throws {
        let glue = folder.appending(path: "glue")
        try FileManager.default.createDirectory(at: glue, withIntermediateDirectories: true)
        let sources = Checkout.path("Tests/EndToEnd/Servers/godot4/glue")
        try FileManager.default.copyItem(
            atPath: "\(sources)/pipe.gdextension",
            toPath: glue.appending(path: "pipe.gdextension").path(percentEncoded: false))
        let path = glue.path(percentEncoded: false)
        let steps = [
            "cd \(path)", "\(try Requirement.godot4.path()) --headless --dump-gdextension-interface",
            "clang -Wall -Wextra -Werror -Wno-cast-function-type-mismatch -O1 -shared -fPIC -I. -o pipe.so \(sources)/pipe.c",
        ]
        try await ChildProcess.running("bash", ["-c", steps.joined(separator: " && ")]) { shell in
            guard try await shell.exit(within: .seconds(60)) == .code(0) else {
                throw HarnessError("cannot compile pipe.c: \(shell.errors.entries.joined(separator: "\n"))")
            }
        }
    }
}

/// Gives a suite its `GodotExample`.
struct GodotExampleTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await GodotExample.lasting(function)
    }
}

extension Trait where Self == GodotExampleTrait {
    static var withGodotExample: Self { GodotExampleTrait() }
}
