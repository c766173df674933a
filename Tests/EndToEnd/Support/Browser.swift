import Foundation
import Testing

/// Every suite that starts browsers is nested in this one, so that on two cores they run one after the other.
@Suite(.serialized, .withCommons) enum BrowserTests {}

/// A real browser, headless. Each page has a tab of its own, in a browser that the tests before may have used.
enum Browser: String, Sendable, CaseIterable {
    case chromium, firefox

    var requirement: Requirement { self == .chromium ? .chromium : .firefox }

    /// Those that are installed; all of them where a missing one is a failure.
    static var available: [Browser] {
        allCases.filter { $0.requirement.found != nil || Requirement.everythingIsRequired }
    }

    /// Runs `body` with each of them at the same time.
    static func atOnce(_ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for browser in available { group.addTask { try await body(browser) } }
            try await group.waitForAll()
        }
    }

    /// What the page posted at the end of its scenario.
    struct Report: Sendable {
        let error: String?
        let steps: [JSONValue]

        /// The details of all steps of that name.
        func details(_ name: String) -> [JSONValue] {
            steps.filter { $0["name"].string == name }.map { $0["detail"] }
        }
    }

    /// A page while its scenario runs.
    struct Page: Sendable {
        fileprivate let server: ReportServer

        /// Waits until the page has reported the step and returns its detail.
        func step(_ name: String, within patience: Duration = .seconds(30)) async throws -> JSONValue {
            do {
                return try await server.steps.first("the page's step \"\(name)\"", within: patience) {
                    $0["name"].string == name
                }["detail"]
            } catch {
                throw HarnessError("\(error)\n  asked of the page's server: \(server.requests.entries.suffix(10))")
            }
        }

        /// Ends what the scenario does until it is stopped.
        func stop() {
            server.order(.init())
        }
    }

    /// Opens Pages/run.html for one scenario of `page`.js, lets `body` act meanwhile, and returns the page's report.
    ///
    /// `join` is the gateway's URL for the scenario, `parameters` go into the page's URL as they are named, `switches` to
    /// the command line of a browser; `authority` is the file of one it trusts; `carrier` is whose datagrams the page is to carry.
    func run(
        _ page: String, _ scenario: String, join: String? = nil, parameters: [String: String] = [:],
        switches: [String] = [], authority: String? = nil, carrier: UDPCarrier? = nil,
        within patience: Duration = .seconds(90),
        _ body: (Page) async throws -> Void = { _ in }
    ) async throws -> Report {
        let server = try ReportServer(carrier: carrier)
        defer { server.close() }

        var query = parameters
        query["page"] = page
        query["scenario"] = scenario
        query["report"] = "\(server.origin)/report"
        query["join"] = join
        var url = URLComponents(string: "\(server.origin)/run.html")
        url?.queryItems = query.map { URLQueryItem(name: $0.key, value: $0.value) }
        // A `+` in a query is a space to URLSearchParams, and URLComponents leaves it as it is.
        let address = (url?.string ?? "").replacing("+", with: "%2B")

        return try await withTab(address, switches: switches, authority: authority) {
            try await body(Page(server: server))
            let report = try await server.reports.first(
                "the report of \(page) \(scenario) in \(rawValue)", within: patience
            ) { _ in true }
            return Report(error: report["error"].string, steps: report["steps"].array ?? [])
        }
    }

    /// Opens any page and keeps it open while `body` runs.
    func open(_ url: String, _ body: () async throws -> Void) async throws {
        try await withTab(url, switches: [], body)
    }

    private func withTab<Result: Sendable>(
        _ url: String, switches: [String], authority: String? = nil, _ body: () async throws -> Result
    ) async throws -> Result {
        try await withProcess(switches, Taste(), authority: authority) { try await $0.open(url, body) }
    }

    /// A browser that ran already, if there is one that nobody uses; if `body` fails it is killed.
    func withProcess<Result: Sendable>(
        _ switches: [String], _ taste: Taste, authority: String? = nil, _ body: (BrowserProcess) async throws -> Result
    ) async throws -> Result {
        let browsers = try Commons.current.browsers
        let kind = Commons.BrowserKind(
            browser: self, switches: switches, taste: taste, authority: authority,
            namespace: NetworkNamespace.current?.name)
        var taken = await browsers.take(kind)
        while let worn = taken, !worn.isGood {
            await worn.end()
            taken = await browsers.take(kind)
        }
        let process: BrowserProcess
        if let taken {
            process = taken
        } else {
            process = try await BrowserProcess(self, switches: switches, taste: taste, authority: authority)
        }
        do {
            let result = try await body(process)
            await browsers.keep(process, kind)?.end()
            return result
        } catch {
            await process.end()
            throw error
        }
    }
}
