import Foundation

/// A program of Tests/EndToEnd/Servers while it runs: its events are JSON lines, its commands are lines.
struct ServerProgram: Sendable {
    let process: ChildProcess
    let lines: Journal<String>

    /// How many lines it has written; an argument for `event(from:)`.
    var position: Int { lines.entries.count }

    /// The number of the line `word NUMBER`.
    func number(after word: String) async throws -> Int {
        let line = try await lines.first("\(word) of \(process.name)") { $0.hasPrefix("\(word) ") }
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
        let line = try await lines.first("the event \(name) of \(process.name)", from: position, within: patience) {
            Self.parse($0).map { $0["event"].string == name && wanted($0) } ?? false
        }
        return Self.parse(line) ?? .null
    }

    /// All events of that name so far.
    func events(_ name: String) -> [JSONValue] {
        lines.entries.compactMap(Self.parse).filter { $0["event"].string == name }
    }

    func command(_ line: String) {
        process.write(line)
    }

    private static func parse(_ line: String) -> JSONValue? {
        guard line.hasPrefix("{") else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    }
}
