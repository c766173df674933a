import Foundation
import Testing

/// Every suite that starts browsers is nested in this one, so that on two cores they run one after the other.
@Suite(.serialized) enum BrowserTests {}

/// A real browser, started headless with a fresh profile for each page.
enum Browser: String, Sendable, CaseIterable {
    case chromium, firefox

    var requirement: Requirement { self == .chromium ? .chromium : .firefox }

    /// Those that are installed; all of them where a missing one is a failure.
    static var available: [Browser] {
        allCases.filter { $0.requirement.found != nil || Requirement.everythingIsRequired }
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
            try await server.steps.first("the page's step \"\(name)\"", within: patience) { $0["name"].string == name }[
                "detail"]
        }
    }

    /// Opens Pages/run.html for one scenario of `page`.js, lets `body` act meanwhile, and returns the page's report.
    ///
    /// `join` is the gateway's URL for the scenario, `parameters` go into the page's URL as they are named, `switches` to
    /// the browser's command line.
    func run(
        _ page: String, _ scenario: String, join: String? = nil, parameters: [String: String] = [:],
        switches: [String] = [], within patience: Duration = .seconds(90),
        _ body: (Page) async throws -> Void = { _ in }
    ) async throws -> Report {
        let server = try ReportServer()
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

        return try await withProfile { profile, environment in
            let arguments = try switches + arguments(profile: profile, url: address)
            return try await ChildProcess.running(requirement.path(), arguments, environment: environment) { _ in
                try await body(Page(server: server))
                let report = try await server.reports.first(
                    "the report of \(page) \(scenario) in \(rawValue)", within: patience
                ) { _ in true }
                return Report(error: report["error"].string, steps: report["steps"].array ?? [])
            }
        }
    }

    /// Opens any page and keeps it open while `body` runs.
    func open(_ url: String, _ body: () async throws -> Void) async throws {
        try await withProfile { profile, environment in
            let arguments = try arguments(profile: profile, url: url)
            try await ChildProcess.running(requirement.path(), arguments, environment: environment) { _ in
                try await body()
            }
        }
    }

    /// A fresh profile folder for one start, and the environment to start with.
    private func withProfile<Result: Sendable>(
        _ body: (String, [String: String]) async throws -> Result
    ) async throws -> Result {
        let profile = FileManager.default.temporaryDirectory.appending(path: "torii-\(rawValue)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: profile) }
        let path = profile.path(percentEncoded: false)
        return try await body(path, ["HOME": path, "MOZ_CRASHREPORTER_DISABLE": "1"])
    }

    private func arguments(profile: String, url: String) throws -> [String] {
        switch self {
        case .chromium:
            return [
                "--headless=new", "--no-sandbox", "--user-data-dir=\(profile)", "--no-first-run",
                "--no-default-browser-check", "--disable-dev-shm-usage", "--disable-gpu", "--disable-breakpad",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-default-apps", "--disable-extensions",
            ] + (isOnLoopback ? ["--allow-loopback-in-peer-connection"] : []) + [url]
        case .firefox:
            let preferences = (isOnLoopback ? Self.loopbackPreferences : "") + Self.quietPreferences
            try preferences.write(toFile: "\(profile)/user.js", atomically: true, encoding: .utf8)
            return ["--headless", "--no-remote", "--profile", profile, url]
        }
    }

    /// A host whose only interface is loopback is a place to test on too.
    private var isOnLoopback: Bool { NetworkNamespace.current == nil }

    /// They let a page connect over loopback.
    private static let loopbackPreferences = """
        user_pref("media.peerconnection.ice.loopback", true);
        user_pref("permissions.default.microphone", 1);
        user_pref("permissions.default.camera", 1);

        """

    /// They keep Firefox from talking to anyone else.
    private static let quietPreferences = """
        user_pref("app.normandy.enabled", false);
        user_pref("app.update.auto", false);
        user_pref("browser.aboutwelcome.enabled", false);
        user_pref("browser.newtabpage.enabled", false);
        user_pref("browser.region.network.url", "");
        user_pref("browser.safebrowsing.downloads.enabled", false);
        user_pref("browser.safebrowsing.malware.enabled", false);
        user_pref("browser.safebrowsing.phishing.enabled", false);
        user_pref("browser.safebrowsing.provider.google4.updateURL", "");
        user_pref("browser.safebrowsing.provider.mozilla.updateURL", "");
        user_pref("browser.search.update", false);
        user_pref("browser.shell.checkDefaultBrowser", false);
        user_pref("browser.startup.homepage_override.mstone", "ignore");
        user_pref("datareporting.policy.dataSubmissionEnabled", false);
        user_pref("extensions.systemAddon.update.enabled", false);
        user_pref("extensions.update.enabled", false);
        user_pref("media.gmp-manager.url", "");
        user_pref("network.captive-portal-service.enabled", false);
        user_pref("network.connectivity-service.enabled", false);
        user_pref("services.settings.server", "data:,");
        user_pref("toolkit.telemetry.enabled", false);
        """
}
