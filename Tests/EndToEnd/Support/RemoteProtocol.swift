import Synchronization

/// A browser's remote protocol: commands with numbered answers, over a WebSocket. Both the Chrome DevTools Protocol and
/// WebDriver BiDi are that.
final class RemoteProtocol: Sendable {
    let socket: WebSocket
    private let last = Mutex(0)

    init(_ address: String) throws {
        socket = try WebSocket(address)
    }

    /// The answer's `result`. `session` is the DevTools protocol's.
    @discardableResult
    func call(
        _ method: String, _ parameters: [String: JSONValue] = [:], session: String? = nil,
        within patience: Duration = .seconds(90)
    ) async throws -> JSONValue {
        let number = last.withLock { last in
            last += 1
            return last
        }
        var command: [String: JSONValue] = [
            "id": .number(Double(number)), "method": .string(method), "params": .object(parameters),
        ]
        if let session { command["sessionId"] = .string(session) }
        let position = socket.messages.entries.count
        try socket.send(.object(command))
        let answer = try await socket.messages.first("the answer to \(method)", from: position, within: patience) {
            $0["id"].int == number
        }
        guard answer["error"] == .null else { throw HarnessError("\(method): \(answer["error"]) \(answer["message"])") }
        return answer["result"]
    }
}
