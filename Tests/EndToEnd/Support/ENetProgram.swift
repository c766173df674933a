import Foundation

/// Tests/EndToEnd/Servers/enet: a game server and a player in plain libenet, compiled when first needed.
///
/// They are programs of their own because Torii's process replaces libenet's socket layer, and what it must get along
/// with is the stock one.
enum ENetProgram {
    /// Runs echo.c on a free port of an address; `body` gets it when it listens, and the port.
    @discardableResult
    static func echoServer<Result: Sendable>(
        address: String = "127.0.0.1", port: Int = 0, peers: Int = 64,
        _ body: (ServerProgram, Int) async throws -> Result
    ) async throws -> Result {
        let program = try await ENetCompiler.shared.path(of: "echo")
        return try await ChildProcess.running(program, ["\(port)", "\(peers)", address]) { process in
            let server = ServerProgram(process: process, lines: process.output)
            return try await body(server, server.number(after: "LISTENING"))
        }
    }

    /// Runs player.c against that port with this CONNECT data.
    @discardableResult
    static func player<Result: Sendable>(
        port: Int, data: UInt32 = 0, _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        let program = try await ENetCompiler.shared.path(of: "player")
        return try await ChildProcess.running(program, ["\(port)", "\(data)"]) { process in
            try await body(ServerProgram(process: process, lines: process.output))
        }
    }

    /// Runs observer.c, a native player who only looks, in the demo's world on that port.
    @discardableResult
    static func observer<Result: Sendable>(
        port: Int, _ body: (ServerProgram) async throws -> Result
    ) async throws -> Result {
        let program = try await ENetCompiler.shared.path(of: "observer")
        return try await ChildProcess.running(program, ["\(port)"]) { process in
            try await body(ServerProgram(process: process, lines: process.output))
        }
    }
}

/// Compiles each program once per test run.
private actor ENetCompiler {
    static let shared = ENetCompiler()
    private var compiled: [String: Task<String, any Error>] = [:]

    func path(of name: String) async throws -> String {
        let task = compiled[name] ?? Task { try await Self.compile(name) }
        compiled[name] = task
        return try await task.value
    }

    private static func compile(_ name: String) async throws -> String {
        let folder = Checkout.path(".cache/enet")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let source = Checkout.path("Tests/EndToEnd/Servers/enet/\(name).c")
        // Two test runs at once must not write one file.
        let program = "\(folder)/\(name)"
        let unfinished = "\(program).\(ProcessInfo.processInfo.processIdentifier)"
        let arguments = ["-Wall", "-Wextra", "-Werror", "-O1", "-o", unfinished, source, "-lenet"]
        try await ChildProcess.running("clang", arguments) { compiler in
            guard try await compiler.exit(within: .seconds(60)) == .code(0) else {
                throw HarnessError("cannot compile \(name).c: \(compiler.errors.entries.joined(separator: "\n"))")
            }
        }
        guard rename(unfinished, program) == 0 else { throw HarnessError("cannot rename \(unfinished)") }
        return program
    }
}
