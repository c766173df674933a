import Foundation

/// A page driven over WebDriver BiDi.
struct FirefoxPage: DrivenPage {
    private let remote: RemoteProtocol
    private let context: JSONValue
    /// A container of Firefox's, which remembers nothing of others.
    private let user: JSONValue

    init(_ address: String, _ url: String, _ viewport: Viewport) async throws {
        remote = try RemoteProtocol("\(address)/session")
        try await remote.call("session.new", ["capabilities": [:]])
        try await remote.call(
            "script.addPreloadScript", ["functionDeclaration": .string("() => { \(Self.witness) }")])
        user = try await remote.call("browser.createUserContext")["userContext"]
        context = try await remote.call("browsingContext.create", ["type": "tab", "userContext": user])["context"]
        try await remote.call(
            "browsingContext.setViewport",
            [
                "context": context,
                "viewport": ["width": .number(Double(viewport.width)), "height": .number(Double(viewport.height))],
            ])
        try await remote.call(
            "browsingContext.navigate", ["context": context, "url": .string(url), "wait": "complete"])
    }

    func evaluate(_ expression: String) async throws -> JSONValue {
        // Firefox describes values type by type; as JSON they come as in Chromium.
        let answer = try await remote.call(
            "script.evaluate",
            [
                "expression": .string("(async () => JSON.stringify(await (\(expression))))()"),
                "target": ["context": context], "awaitPromise": true,
            ])
        guard answer["type"].string == "success" else {
            throw HarnessError(answer["exceptionDetails"]["text"].string ?? answer.description)
        }
        guard let text = answer["result"]["value"].string else { return .null }
        return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    func holding(_ key: String, _ body: () async throws -> Void) async throws {
        try await act("keyboard", "key", [["type": "keyDown", "value": .string(Self.value(of: key))]])
        try await body()
        try await act("keyboard", "key", [["type": "keyUp", "value": .string(Self.value(of: key))]])
    }

    /// WebDriver §17.4.2 has code points for keys that write nothing.
    private static func value(of key: String) -> String {
        let points = [
            "Tab": "\u{E004}", "Enter": "\u{E006}", "Escape": "\u{E00C}", "ArrowLeft": "\u{E012}",
            "ArrowUp": "\u{E013}", "ArrowRight": "\u{E014}", "ArrowDown": "\u{E015}",
        ]
        return points[key] ?? key
    }

    func touch(_ points: [(x: Int, y: Int)]) async throws {
        var actions: [JSONValue] = []
        for (index, point) in points.enumerated() {
            actions.append(
                [
                    "type": "pointerMove", "x": .number(Double(point.x)), "y": .number(Double(point.y)),
                    "duration": index == 0 ? 0 : 50,
                ])
            if index == 0 { actions.append(["type": "pointerDown", "button": 0]) }
        }
        actions.append(["type": "pointerUp", "button": 0])
        try await act("finger", "pointer", actions, parameters: ["pointerType": "touch"])
    }

    func close() async throws {
        try await remote.call("browser.removeUserContext", ["userContext": user])
        // There is one session at a time.
        try await remote.call("session.end")
        remote.socket.close()
    }

    private func act(
        _ source: JSONValue, _ type: JSONValue, _ actions: [JSONValue], parameters: JSONValue = .null
    ) async throws {
        var device: [String: JSONValue] = ["id": source, "type": type, "actions": .array(actions)]
        if parameters != .null { device["parameters"] = parameters }
        try await remote.call("input.performActions", ["context": context, "actions": .array([.object(device)])])
    }

    func screenshot() async throws -> Data {
        let answer = try await remote.call("browsingContext.captureScreenshot", ["context": context])
        guard let data = answer["data"].string.flatMap({ Data(base64Encoded: $0) }) else {
            throw HarnessError("Firefox made no picture")
        }
        return data
    }
}
