import Foundation
import Testing

/// A control group with a limit of memory (cgroups(7)), below the one that the tests run in. Only root may make one, and
/// not in every container.
final class MemoryGroup {
    fileprivate struct Version {
        let folder: URL
        let limit: String
        let unlimited: String
        let usage: String
        let reclaimable: [String]
    }

    private let version: Version

    init() throws {
        let version = try #require(Self.possible, "no control group with a limit of memory can be made here")
        self.version = version
        try FileManager.default.createDirectory(at: version.folder, withIntermediateDirectories: false)
    }

    deinit { rmdir(version.folder.path) }

    /// What a shell does so as to be in it.
    var entrance: String { "echo $$ > \(file("cgroup.procs"))" }

    func limit(to bytes: Int?) throws {
        try (bytes.map { "\($0)" } ?? version.unlimited).write(
            toFile: file(version.limit), atomically: false, encoding: .utf8)
    }

    /// Bytes that its processes have and cannot give back at once.
    func used() throws -> Int {
        let usage = try Self.text(file(version.usage)).trimmingCharacters(in: .whitespacesAndNewlines)
        let lines = try Self.text(file("memory.stat")).split(separator: "\n").map { $0.split(separator: " ") }
        let cached = lines.filter { version.reclaimable.contains(String($0[0])) }.compactMap { Int($0[1]) }
        return try #require(Int(usage)) - cached.reduce(0, +)
    }

    private func file(_ name: String) -> String { version.folder.appending(path: name).path }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    fileprivate static var canBeMade: Bool { possible != nil }

    private static var possible: Version? {
        let root = "/sys/fs/cgroup"
        guard let membership = try? text("/proc/self/cgroup") else { return nil }
        let groups = membership.split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        let name = "torii-\(UUID().uuidString)"
        if let own = groups.first(where: { $0[1].split(separator: ",").contains("memory") }) {
            return Version(
                folder: URL(filePath: "\(root)/memory\(own[2])"), name, limit: "memory.limit_in_bytes", unlimited: "-1",
                usage: "memory.usage_in_bytes", reclaimable: ["total_inactive_file", "total_active_file"])
        }
        // Groups with processes in them have none below that limit memory: it is made beside the tests' own.
        guard let own = groups.first(where: { $0[0] == "0" }) else { return nil }
        let parent = URL(filePath: root + own[2]).deletingLastPathComponent()
        guard let controllers = try? text(parent.appending(path: "cgroup.subtree_control").path),
            controllers.split(whereSeparator: \.isWhitespace).contains("memory")
        else { return nil }
        return Version(
            folder: parent, name, limit: "memory.max", unlimited: "max", usage: "memory.current",
            reclaimable: ["inactive_file", "active_file"])
    }
}

extension MemoryGroup.Version {
    /// Nil where it may not be made.
    fileprivate init?(
        folder parent: URL, _ name: String, limit: String, unlimited: String, usage: String, reclaimable: [String]
    ) {
        guard access(parent.path, W_OK) == 0 else { return nil }
        self.init(
            folder: parent.appending(path: name), limit: limit, unlimited: unlimited, usage: usage,
            reclaimable: reclaimable)
    }
}

extension Trait where Self == ConditionTrait {
    /// Without the right the test is reported as skipped; with TORII_REQUIRE_ALL=1 it runs and fails.
    static var requiresMemoryGroups: Self {
        .enabled(if: MemoryGroup.canBeMade || Requirement.all, "here nobody may make control groups")
    }

    static var requiresMounts: Self { .enabled(if: geteuid() == 0 || Requirement.all, "only root may mount") }
}

/// Whether what is missing for a test is a failure.
private enum Requirement {
    static let all = ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1"
}
