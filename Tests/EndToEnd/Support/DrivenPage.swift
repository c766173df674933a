import Foundation

/// A page in a browser that the test drives as a person would, with keys and touches that the browser believes in.
protocol DrivenPage: Sendable {
    /// What a JavaScript expression comes to, awaited if it is a promise, as JSON.
    @discardableResult func evaluate(_ expression: String) async throws -> JSONValue
    /// Holds keys down while `body` runs. Names are those of KeyboardEvent.key.
    func holding(_ key: String, _ body: () async throws -> Void) async throws
    /// A finger that goes down at the first point, moves to the others, and is lifted. In CSS pixels.
    func touch(_ points: [(x: Int, y: Int)]) async throws
    /// The visible part of the page, as PNG.
    func screenshot() async throws -> Data
    /// Closes it, with all that the browser has kept for it.
    func close() async throws
}

/// How large the page is, and what kind of device it believes to be on.
struct Viewport: Sendable {
    var width: Int
    var height: Int

    static let desktop = Viewport(width: 1280, height: 800)
    static let phone = Viewport(width: 390, height: 844)
}

/// What the person has chosen in the system's settings, for all pages.
struct Taste: Hashable {
    var isLight = false
    var wantsLessMotion = false
}

extension DrivenPage {
    /// Runs before everything of the page: remembers what its Content-Security-Policy had to forbid, and errors.
    static var witness: String {
        """
        globalThis.witnessed = [];
        document.addEventListener('securitypolicyviolation', (event) =>
            witnessed.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
        addEventListener('error', (event) => witnessed.push(event.message));
        addEventListener('unhandledrejection', (event) => witnessed.push(String(event.reason)));
        """
    }

    /// Waits until an expression is true, and returns what it came to.
    @discardableResult
    func until(_ expression: String, within patience: Duration = .seconds(30)) async throws -> JSONValue {
        try await evaluate(
            """
            new Promise((resolve, reject) => {
                const end = performance.now() + \(Int(patience.seconds * 1000));
                const look = () => {
                    const value = (\(expression));
                    if (value) resolve(value);
                    else if (performance.now() < end) setTimeout(look, 30);
                    else reject(new Error(`not within \(patience): ${\(Self.literal(expression))}`));
                };
                look();
            })
            """)
    }

    /// Presses and lets go of a key, or of each key of a text.
    func press(_ key: String) async throws {
        try await holding(key) {}
    }

    func type(_ text: String) async throws {
        for character in text { try await press(String(character)) }
    }

    /// Touches the middle of an element.
    func tap(_ selector: String) async throws {
        let element = "document.querySelector(\(Self.literal(selector)))"
        try await evaluate("\(element).scrollIntoView({ block: 'nearest', behavior: 'instant' })")
        let box = try await evaluate("\(element).getBoundingClientRect().toJSON()")
        guard let x = box["x"].number, let y = box["y"].number, let width = box["width"].number,
            let height = box["height"].number
        else { throw HarnessError("\(selector) has no box") }
        try await touch([(Int(x + width / 2), Int(y + height / 2))])
    }

    /// Touches an element, and again if nothing came of it, as a person would: on a busy machine a tap can be so long that
    /// it is none.
    func tap(_ selector: String, until expression: String) async throws {
        for _ in 0..<5 {
            try await tap(selector)
            if (try? await until(expression, within: .seconds(5))) != nil { return }
        }
        try await until(expression, within: .seconds(1))
    }

    /// As JavaScript text.
    static func literal(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "''"
    }
}

extension Browser {
    /// Opens a page as a person who is new to it, and lets `body` drive it.
    func driving<Result: Sendable>(
        _ url: String, _ viewport: Viewport = .desktop, taste: Taste = Taste(), authority: String? = nil,
        _ body: (any DrivenPage) async throws -> Result
    ) async throws -> Result {
        // Firefox has its taste from the start.
        let lasting = self == .firefox ? taste : Taste()
        return try await withProcess(["--remote-debugging-port=0"], lasting, authority: authority) { process in
            let address = try await process.remoteAddress()
            let page: any DrivenPage =
                switch self {
                case .chromium: try await ChromiumPage(address, url, viewport, taste)
                case .firefox: try await FirefoxPage(address, url, viewport)
                }
            let result = try await body(page)
            try await page.close()
            return result
        }
    }
}
