import Foundation

/// One running browser with a fresh profile. The page it was started with opens others in tabs of their own.
final class BrowserProcess: Sendable {
    private let process: ChildProcess
    private let profile: String
    private let server: ReportServer
    private let begin = ContinuousClock.now

    /// Starts one, headless, in the current network namespace. Chromium is told the taste by whoever drives it.
    init(_ browser: Browser, switches: [String], taste: Taste, authority: String? = nil) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-\(browser)-\(UUID().uuidString)")
        profile = folder.path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: profile, withIntermediateDirectories: true)
        if let authority {
            try await Self.trust(authority, in: browser == .chromium ? "\(profile)/.pki/nssdb" : profile)
        }
        server = try ReportServer()
        let arguments =
            try Self.arguments(browser, profile: profile, taste: taste) + switches + ["\(server.origin)/launcher.html"]
        process = try ChildProcess(
            browser.requirement.path(), arguments, environment: ["HOME": profile, "MOZ_CRASHREPORTER_DISABLE": "1"])
    }

    /// Both look for authorities of the person's own in a database of NSS: Chromium in the home, Firefox in the profile.
    private static func trust(_ authority: String, in folder: String) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let adding = ["-A", "-n", "authority of a test", "-t", "C,,", "-i", authority]
        for arguments in [["-N", "--empty-password"], adding] {
            try await ChildProcess.running(Requirement.certutil.path(), ["-d", "sql:\(folder)"] + arguments) {
                process in
                guard try await process.exit() == .code(0) else {
                    throw HarnessError("certutil: \(process.errors.entries)")
                }
            }
        }
    }

    /// It runs, and will for another test, which takes two minutes at the longest.
    var isGood: Bool { !process.hasEnded && begin.duration(to: .now) < ChildProcess.longestRun / 2 }

    /// Opens a page in a tab of its own, which is closed after `body` unless that fails.
    func open<Result>(_ url: String, _ body: () async throws -> Result) async throws -> Result {
        let tab = server.order(.init(open: url))
        let result = try await body()
        server.order(.init(close: tab))
        return result
    }

    /// Where its remote protocol is spoken, of a browser started with --remote-debugging-port=0.
    func remoteAddress() async throws -> String {
        let line = try await process.errors.first("a remote protocol", within: .seconds(30)) {
            $0.contains(" listening on ws://")
        }
        return line.split(separator: " ").last.map(String.init) ?? line
    }

    /// Kills it and removes its profile.
    func end() async {
        await process.end()
        server.close()
        try? FileManager.default.removeItem(atPath: profile)
    }

    private static func arguments(_ browser: Browser, profile: String, taste: Taste) throws -> [String] {
        switch browser {
        case .chromium:
            return [
                "--headless=new", "--no-sandbox", "--user-data-dir=\(profile)", "--no-first-run",
                "--no-default-browser-check", "--disable-dev-shm-usage", "--disable-gpu", "--disable-breakpad",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-default-apps", "--disable-extensions", "--disable-popup-blocking",
            ] + (isOnLoopback ? ["--allow-loopback-in-peer-connection"] : [])
        case .firefox:
            let preferences = (isOnLoopback ? loopbackPreferences : "") + quietPreferences + preferences(of: taste)
            try preferences.write(toFile: "\(profile)/user.js", atomically: true, encoding: .utf8)
            return ["--headless", "--no-remote", "--profile", profile]
        }
    }

    private static func preferences(of taste: Taste) -> String {
        """
        user_pref("layout.css.prefers-color-scheme.content-override", \(taste.isLight ? 1 : 0));
        user_pref("ui.prefersReducedMotion", \(taste.wantsLessMotion ? 1 : 0));

        """
    }

    /// A host whose only interface is loopback is a place to test on too.
    private static var isOnLoopback: Bool { NetworkNamespace.current == nil }

    /// They let a page connect over loopback.
    private static let loopbackPreferences = """
        user_pref("media.peerconnection.ice.loopback", true);
        user_pref("permissions.default.microphone", 1);
        user_pref("permissions.default.camera", 1);

        """

    /// They keep Firefox from talking to anyone else, and let one page open another.
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
        user_pref("dom.disable_open_during_load", false);
        user_pref("extensions.systemAddon.update.enabled", false);
        user_pref("extensions.update.enabled", false);
        user_pref("media.gmp-manager.url", "");
        user_pref("network.captive-portal-service.enabled", false);
        user_pref("network.connectivity-service.enabled", false);
        user_pref("services.settings.server", "data:,");
        user_pref("toolkit.telemetry.enabled", false);

        """
}
