import Foundation

/// The Godot programs of Tests/EndToEnd/Servers.
enum GodotProgram {
    /// Runs Servers/godot4/server.gd on a free port of 127.0.0.1; `body` gets it when it listens, and the port.
    @discardableResult
    static func server4<Result: Sendable>(
        _ options: [String] = [], _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        try await running(.godot4, "Servers/godot4/server.gd", options) { program in
            try await body(program, program.number(after: "LISTENING"))
        }
    }

    /// Runs Servers/godot4/client.gd, a native player, against that port.
    @discardableResult
    static func client4<Result: Sendable>(
        port: Int, _ options: [String] = [], _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        try await running(.godot4, "Servers/godot4/client.gd", ["--port", "\(port)"] + options, body)
    }

    /// Runs Servers/godot4/dtls.gd before the server on that port.
    static func dtls<Result: Sendable>(
        before port: Int, _ files: ServerCertificate, host: String,
        _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        let options = ["--server", "\(port)", "--certificate", files.certificate, "--key", files.key, "--host", host]
        return try await running(.godot4, "Servers/godot4/dtls.gd", options) { front in
            try await body(front, front.number(after: "LISTENING"))
        }
    }

    /// Runs Servers/godot3/server.gd, which chooses a free port.
    @discardableResult
    static func server3<Result: Sendable>(
        _ options: [String] = [], _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        try await running(.godot3, "Servers/godot3/server.gd", options) { program in
            try await body(program, program.number(after: "LISTENING"))
        }
    }

    @discardableResult
    static func client3<Result: Sendable>(
        port: Int, _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        try await running(.godot3, "Servers/godot3/client.gd", ["--port", "\(port)"], body)
    }

    private static func running<Result: Sendable>(
        _ godot: Requirement, _ script: String, _ options: [String],
        _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        let script = Checkout.path("Tests/EndToEnd/\(script)")
        guard godot == .godot3 else {
            return try await ChildProcess.running(godot.path(), ["--headless", "-s", script, "--"] + options) {
                try await body(ServerProgram(process: $0, lines: $0.output))
            }
        }
        // Without a project Godot 3 takes the current directory for one, and keeps its logs there.
        let directory = FileManager.default.temporaryDirectory.appending(path: "torii-godot3-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let arguments = ["--chdir=\(directory.path())", try godot.path(), "-s", script] + options
        return try await ChildProcess.running("env", arguments) {
            // Its standard output is buffered, so it writes to standard error.
            try await body(ServerProgram(process: $0, lines: $0.errors))
        }
    }
}
