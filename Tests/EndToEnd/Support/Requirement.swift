import Foundation
import NetworkNamespaces
import Testing

/// The checkout these tests belong to.
enum Checkout {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ relative: String) -> String {
        root.appending(path: relative).path(percentEncoded: false)
    }
}

/// A program, or a right, that a test needs and that a machine may lack.
///
/// Without it the test is reported as skipped with the reason; with TORII_REQUIRE_ALL=1, as in CI, it runs and fails.
enum Requirement: String, Sendable, CaseIterable {
    case chromium
    case firefox = "firefox-esr"
    case godot3 = "godot3-server"
    case godot4
    case coturn = "turnserver"
    case kcptun = "kcptun-client"
    case aioquic
    case axe
    case zbarimg
    case schemathesis
    case node
    case npm
    case typescript = "tsc"
    /// With promtool, which comes with it.
    case prometheus
    case haproxy
    case nginx
    case nginxStream = "ngx_stream_module.so"
    case certutil
    case networkNamespaces = "ip"
    case wireguard = "wireguard-go"

    /// Where the program is, or an error with the cure.
    func path() throws -> String {
        guard let found else { throw HarnessError(absence) }
        return found
    }

    var found: String? {
        if self == .godot4 {
            let folder = ProcessInfo.processInfo.environment["TORII_GODOT4"] ?? Checkout.path(".cache/godot4")
            return FileManager.default.fileExists(atPath: "\(folder)/version")
                ? Checkout.path("Tests/Setup/godot4") : nil
        }
        if self == .aioquic {
            let folder = ProcessInfo.processInfo.environment["TORII_AIOQUIC"] ?? Checkout.path(".cache/aioquic")
            let isComplete = FileManager.default.fileExists(atPath: "\(folder)/pins")
            return isComplete ? "\(folder)/bin/python" : nil
        }
        if self == .axe {
            let folder = ProcessInfo.processInfo.environment["TORII_AXE"] ?? Checkout.path(".cache/axe")
            return FileManager.default.fileExists(atPath: "\(folder)/pins") ? "\(folder)/axe.min.js" : nil
        }
        if self == .schemathesis {
            let folder =
                ProcessInfo.processInfo.environment["TORII_SCHEMATHESIS"] ?? Checkout.path(".cache/schemathesis")
            let isComplete = FileManager.default.fileExists(atPath: "\(folder)/pins")
            return isComplete ? "\(folder)/bin/schemathesis" : nil
        }
        if self == .nginxStream {
            let path = "/usr/lib/nginx/modules/\(rawValue)"
            return FileManager.default.fileExists(atPath: path) ? path : nil
        }
        // A container may have the program and not the right.
        if self == .networkNamespaces, !Self.mayUseNetworkNamespaces { return nil }
        var folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        // Debian has them where only root's PATH leads.
        if self == .haproxy || self == .nginx { folders.append("/usr/sbin") }
        return folders.map { "\($0)/\(rawValue)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    var absence: String {
        if self == .networkNamespaces {
            return "network namespaces cannot be made here; run as root, with iproute2 installed"
        }
        let cure =
            switch self {
            case .godot4: "Tests/Setup/install-godot4"
            case .aioquic: "Tests/Setup/install-aioquic"
            case .axe: "Tests/Setup/install-axe"
            case .schemathesis: "Tests/Setup/install-schemathesis"
            default: "Tests/Setup/install-packages test"
            }
        return "\(rawValue) is not installed; run \(cure)"
    }

    private static let mayUseNetworkNamespaces = torii_may_use_network_namespaces() != 0

    static var everythingIsRequired: Bool {
        ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1"
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where one of the programs is missing, and says which and how to get it.
    static func requires(_ requirements: Requirement...) -> Self {
        let missing = requirements.filter { $0.found == nil }
        return .enabled(
            if: missing.isEmpty || Requirement.everythingIsRequired,
            "\(missing.map(\.absence).joined(separator: "; "))")
    }
}
