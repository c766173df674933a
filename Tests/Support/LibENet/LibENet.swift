import Foundation

/// The libenets that programs of the tests can run on. Both have the same ABI, so it is one program, and the environment
/// decides.
public enum LibENet: Sendable, CaseIterable {
    /// The machine's own, which Torii is linked with too.
    case system
    /// Debian sid's, unpacked by Tests/Setup/install-libenet.
    case sid

    /// Those that are here; both where a missing one is a failure (TORII_REQUIRE_ALL=1).
    public static var available: [LibENet] {
        sid.isHere || ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1" ? allCases : [.system]
    }

    public static let absence = "Debian sid's libenet is not here; run Tests/Setup/install-libenet"

    public var isHere: Bool {
        self == .system || FileManager.default.fileExists(atPath: "\(Self.folder)/version")
    }

    /// What a program's environment needs to run on it, over the test's own. Where it is not here, the program runs on the
    /// machine's: `version` is there to tell.
    public var environment: [String: String] {
        self == .system ? [:] : ["LD_LIBRARY_PATH": Self.folder]
    }

    /// What `enet_linked_version` says in a program that runs on it, like `1.3.18`; nil when only the program can tell.
    public var version: String? {
        guard self == .sid else { return nil }
        return try? String(contentsOfFile: "\(Self.folder)/version", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["TORII_LIBENET"] { return folder }
        var checkout = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { checkout.deleteLastPathComponent() }
        return checkout.appending(path: ".cache/libenet").path(percentEncoded: false)
    }()
}
