import Foundation

/// A page driven over the Chrome DevTools Protocol.
struct ChromiumPage: DrivenPage {
    private let remote: RemoteProtocol
    private let session: String
    /// Like a window that remembers nothing.
    private let context: JSONValue

    init(_ address: String, _ url: String, _ viewport: Viewport, _ taste: Taste) async throws {
        remote = try RemoteProtocol(address)
        context = try await remote.call("Target.createBrowserContext")["browserContextId"]
        let target = try await remote.call(
            "Target.createTarget", ["url": "about:blank", "browserContextId": context])["targetId"]
        let attached = try await remote.call("Target.attachToTarget", ["targetId": target, "flatten": true])
        guard let session = attached["sessionId"].string else { throw HarnessError("Chromium attached to no page") }
        self.session = session
        try await call("Page.enable")
        try await call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(viewport.width)), "height": .number(Double(viewport.height)),
                "deviceScaleFactor": 1, "mobile": false,
            ])
        let features: [JSONValue] = [
            ["name": "prefers-color-scheme", "value": taste.isLight ? "light" : "dark"],
            ["name": "prefers-reduced-motion", "value": taste.wantsLessMotion ? "reduce" : "no-preference"],
        ]
        try await call("Emulation.setEmulatedMedia", ["features": .array(features)])
        try await call("Emulation.setTouchEmulationEnabled", ["enabled": true])
        try await call("Page.addScriptToEvaluateOnNewDocument", ["source": .string(Self.witness)])
        let position = remote.socket.messages.entries.count
        try await call("Page.navigate", ["url": .string(url)])
        _ = try await remote.socket.messages.first("the page's load", from: position, within: .seconds(30)) {
            $0["method"].string == "Page.loadEventFired" && $0["sessionId"].string == session
        }
    }

    func evaluate(_ expression: String) async throws -> JSONValue {
        let answer = try await call(
            "Runtime.evaluate", ["expression": .string(expression), "awaitPromise": true, "returnByValue": true])
        let thrown = answer["exceptionDetails"]
        guard thrown == .null else {
            throw HarnessError("\(thrown["exception"]["description"].string ?? thrown.description)")
        }
        return answer["result"]["value"]
    }

    func holding(_ key: String, _ body: () async throws -> Void) async throws {
        try await dispatch("keyDown", key)
        try await body()
        try await dispatch("keyUp", key)
    }

    private func dispatch(_ type: JSONValue, _ key: String) async throws {
        let named = ["Enter": ("\r", 13), "Tab": ("\t", 9), "Escape": ("", 27), " ": (" ", 32)]
        let arrows = ["ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40]
        let code = named[key]?.1 ?? arrows[key] ?? Int(key.uppercased().unicodeScalars.first?.value ?? 0)
        var parameters: [String: JSONValue] = [
            "type": type, "key": .string(key), "code": .string(Self.code(of: key)),
            "windowsVirtualKeyCode": .number(Double(code)),
        ]
        let text = named[key]?.0 ?? (arrows[key] == nil ? key : "")
        if type == "keyDown", !text.isEmpty { parameters["text"] = .string(text) }
        try await call("Input.dispatchKeyEvent", parameters)
    }

    private static func code(of key: String) -> String {
        switch key {
        case " ": "Space"
        case _ where key.count == 1 && key.first?.isLetter == true: "Key\(key.uppercased())"
        default: key
        }
    }

    func touch(_ points: [(x: Int, y: Int)]) async throws {
        for (index, point) in points.enumerated() {
            let place: JSONValue = ["x": .number(Double(point.x)), "y": .number(Double(point.y))]
            try await call(
                "Input.dispatchTouchEvent",
                ["type": index == 0 ? "touchStart" : "touchMove", "touchPoints": .array([place])])
        }
        try await call("Input.dispatchTouchEvent", ["type": "touchEnd", "touchPoints": []])
    }

    func screenshot() async throws -> Data {
        let answer = try await call("Page.captureScreenshot", ["format": "png"])
        guard let data = answer["data"].string.flatMap({ Data(base64Encoded: $0) }) else {
            throw HarnessError("Chromium made no picture")
        }
        return data
    }

    func close() async throws {
        try await remote.call("Target.disposeBrowserContext", ["browserContextId": context])
        remote.socket.close()
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> JSONValue {
        try await remote.call(method, parameters, session: session)
    }
}
