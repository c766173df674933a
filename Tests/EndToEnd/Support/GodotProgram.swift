import Foundation

/// A Godot program of Tests/EndToEnd/Servers: its events are JSON lines, its commands are lines.
struct GodotProgram: Sendable {
    let process: ChildProcess
    private let journal: Journal<String>

    /// Runs Servers/godot4/server.gd on a free port of 127.0.0.1; `body` gets it when it listens, and the port.
    @discardableResult
    static func server4<Result: Sendable>(
        _ options: [String] = [], _ body: (GodotProgram, Int) async throws -> Result
    ) async throws -> Result {
        try await running(.godot4, "Servers/godot4/server.gd", options) { program in
            try await body(program, program.number(after: "LISTENING"))
        }
    }

    /// Runs Servers/godot4/client.gd, a native player, against that port.
    @discardableResult
    static func client4<Result: Sendable>(
        port: Int, _ options: [String] = [], _ body: (GodotProgram) async throws -> Result
    ) async throws -> Result {
        try await running(.godot4, "Servers/godot4/client.gd", ["--port", "\(port)"] + options, body)
    }

    /// Runs Servers/godot3/server.gd, which chooses a free port.
    @discardableResult
    static func server3<Result: Sendable>(
        _ body: (GodotProgram, Int) async throws -> Result
    ) async throws -> Result {
        try await running(.godot3, "Servers/godot3/server.gd", []) { program in
            try await body(program, program.number(after: "LISTENING"))
        }
    }

    @discardableResult
    static func client3<Result: Sendable>(
        port: Int, _ body: (GodotProgram) async throws -> Result
    ) async throws -> Result {
        try await running(.godot3, "Servers/godot3/client.gd", ["--port", "\(port)"], body)
    }

    private static func running<Result: Sendable>(
        _ godot: Requirement, _ script: String, _ options: [String],
        _ body: (GodotProgram) async throws -> Result
    ) async throws -> Result {
        let script = Checkout.path("Tests/EndToEnd/\(script)")
        let arguments = godot == .godot4 ? ["--headless", "-s", script, "--"] + options : ["-s", script] + options
        return try await ChildProcess.running(godot.path(), arguments) { process in
            // Godot 3 writes to standard error, as its standard output is buffered.
            try await body(
                GodotProgram(process: process, journal: godot == .godot4 ? process.output : process.errors))
        }
    }

    /// How many lines it has written; an argument for `event(from:)`.
    var position: Int { journal.entries.count }

    /// The number of the line `word NUMBER`.
    func number(after word: String) async throws -> Int {
        let line = try await journal.first("\(word) of \(process.name)") { $0.hasPrefix("\(word) ") }
        guard let number = Int(line.dropFirst(word.count + 1)) else {
            throw HarnessError("\(process.name) wrote \"\(line)\"")
        }
        return number
    }

    /// The first event of that name, from a position on, that is wanted.
    @discardableResult
    func event(
        _ name: String, from position: Int = 0, within patience: Duration = .seconds(20),
        where wanted: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        let line = try await journal.first("the event \(name) of \(process.name)", from: position, within: patience) {
            Self.parse($0).map { $0["event"].string == name && wanted($0) } ?? false
        }
        return Self.parse(line) ?? .null
    }

    /// All events of that name so far.
    func events(_ name: String) -> [JSONValue] {
        journal.entries.compactMap(Self.parse).filter { $0["event"].string == name }
    }

    func command(_ line: String) {
        process.write(line)
    }

    private static func parse(_ line: String) -> JSONValue? {
        guard line.hasPrefix("{") else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    }
}
