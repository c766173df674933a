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

    /// Runs Servers/godot3/server.gd, which chooses a free port.
    @discardableResult
    static func server3<Result: Sendable>(
        _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        try await running(.godot3, "Servers/godot3/server.gd", []) { program in
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
        let arguments = godot == .godot4 ? ["--headless", "-s", script, "--"] + options : ["-s", script] + options
        return try await ChildProcess.running(godot.path(), arguments) { process in
            // Godot 3 writes to standard error, as its standard output is buffered.
            try await body(
                ServerProgram(process: process, lines: godot == .godot4 ? process.output : process.errors))
        }
    }
}
