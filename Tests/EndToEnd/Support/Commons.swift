import Testing

/// What tests have in common because it takes seconds to start: browsers, and networks of their own with browsers in them.
/// It lasts as long as the suite; a test has what it uses to itself, and what a test failed with is not used again.
struct Commons: Sendable {
    struct BrowserKind: Hashable {
        let browser: Browser
        let switches: [String]
        let taste: Taste
        /// The file of the authority it trusts beside its own ones.
        let authority: String?
        let namespace: String?
    }

    @TaskLocal private static var running: Commons?

    /// Each takes memory, and time of a processor with nothing to do.
    let browsers = Pool<BrowserKind, BrowserProcess>(limit: 3)
    let namespaces = Pool<NetworkNamespace.Family, NetworkNamespace>(limit: NetworkNamespace.Family.allCases.count)

    static var current: Commons {
        get throws {
            guard let running else { throw HarnessError("a test with browsers or namespaces belongs in BrowserTests") }
            return running
        }
    }

    fileprivate static func lasting(_ body: () async throws -> Void) async throws {
        let commons = Commons()
        do {
            try await $running.withValue(commons) { try await body() }
        } catch {
            try? await commons.end()
            throw error
        }
        try await commons.end()
    }

    private func end() async throws {
        for browser in await browsers.takeAll() { await browser.end() }
        for namespace in await namespaces.takeAll() { try await namespace.end() }
    }
}

/// Gives a suite its `Commons`.
struct CommonsTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Commons.lasting(function)
    }
}

extension Trait where Self == CommonsTrait {
    static var withCommons: Self { CommonsTrait() }
}
