import Foundation
import Gateway
import Primitives
import Testing

@testable import DataPlane

/// Control groups as the kernel shows them, in folders of the test's own.
@Suite struct MemoryLimitsTests {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    }

    private func write(_ path: String, _ files: [String: String]) throws {
        let folder = root.appending(path: path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            try "\(text)\n".write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
    }

    private func uses(_ membership: String) throws -> [MemoryUse] {
        try write("", ["membership": membership])
        return MemoryLimits(membership: root.appending(path: "membership").path, root: root.path).uses
    }

    /// The group's own limit and those above it; what can be had back when it is needed is not used.
    @Test func version2() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try write("", ["memory.current": "7", "memory.stat": ""])
        try write("system.slice", ["memory.max": "max", "memory.current": "900", "memory.stat": "inactive_file 1"])
        let statistics = "anon 100\ninactive_anon 5000\ninactive_file 200\nactive_file 30\nslab 9"
        try write(
            "system.slice/torii.service",
            ["memory.max": "1000", "memory.current": "640", "memory.stat": statistics])
        #expect(try uses("0::/system.slice/torii.service") == [MemoryUse(used: 410, limit: 1000)])
        try write("system.slice", ["memory.max": "2000"])
        #expect(
            try uses("0::/system.slice/torii.service")
                == [MemoryUse(used: 899, limit: 2000), MemoryUse(used: 410, limit: 1000)])
    }

    @Test func version1() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let none = ["memory.limit_in_bytes": "9223372036854771712", "memory.usage_in_bytes": "5", "memory.stat": ""]
        try write("memory", none)
        let statistics = "inactive_file 1\ntotal_inactive_file 50\ntotal_active_file 25\ntotal_rss 7"
        try write(
            "memory/docker/1a2b",
            ["memory.limit_in_bytes": "4096", "memory.usage_in_bytes": "1075", "memory.stat": statistics])
        let membership = "9:name=systemd:/\n4:cpu,memory:/docker/1a2b\n3:cpuset:/"
        #expect(try uses(membership) == [MemoryUse(used: 1000, limit: 4096)])
    }

    /// In a container the group is mounted as the root, and may be called by its name outside.
    @Test(arguments: ["0::/", "0::/kubepods/pod1/c2"]) func inAContainer(membership: String) throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try write("", ["memory.max": "100", "memory.current": "95", "memory.stat": "inactive_file 0"])
        #expect(try uses(membership) == [MemoryUse(used: 95, limit: 100)])
    }

    @Test func whereNothingIsSaidThereIsNoLimit() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        #expect(try uses("") == [])
        #expect(try uses("nonsense\n0::\n4:memory:/a") == [])
        #expect(MemoryLimits(membership: "/nowhere", root: "/nowhere").uses == [])
    }

    @Test func nineTenthsAreShort() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        try write("", ["memory.max": "1000", "memory.current": "899", "memory.stat": "", "membership": "0::/"])
        let limits = MemoryLimits(membership: root.appending(path: "membership").path, root: root.path)
        var room = ResourceRoom(limits: limits)
        var now = Instant.zero
        func expect(_ shortage: Shortage?) {
            now = now + ResourceRoom.memoryInterval
            #expect(room.shortage(owing: 0, at: now) == shortage)
        }
        expect(nil)
        try write("", ["memory.current": "900"])
        // An answer holds for a moment.
        #expect(room.shortage(owing: 0, at: now + 9) == nil)
        expect(.memory)
        try write("", ["memory.stat": "active_file 1"])
        expect(nil)
        try write("", ["memory.stat": "active_file 0", "memory.max": "max"])
        expect(nil)
    }

    /// No process may open so many.
    @Test func whoIsOwedADescriptorCounts() {
        var room = ResourceRoom(limits: MemoryLimits(membership: "/nowhere", root: "/nowhere"))
        #expect(room.shortage(owing: 1 << 40, at: .zero) == .descriptors)
        #expect(room.shortage(owing: 0, at: .zero) == nil)
    }
}
