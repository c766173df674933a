import Glibc

/// How much memory something may use, and does.
struct MemoryUse: Equatable {
    let used: UInt64
    let limit: UInt64

    func isBeyond(percent: UInt64) -> Bool { Double(used) * 100 >= Double(limit) * Double(percent) }
}

/// The limits of memory that this process is under: those of its control groups (`MemoryMax` of systemd, a container's
/// limit), of version 2 or 1, and that of its address space (`ulimit -v`). Limits may change while it runs.
///
/// Left out: swap, which a game cannot wait for, and limits of threads' stacks and locked memory.
struct MemoryLimits {
    /// A control group's files, which have other names in each version.
    private struct Group {
        let limit: String
        let usage: String
        let statistics: String
        /// In `statistics`: what is only there because it was read or written once, and goes when memory is needed.
        let reclaimable: [String]

        /// - Parameter folder: without a slash at its end.
        init(version2 folder: String) {
            limit = folder + "/memory.max"
            usage = folder + "/memory.current"
            statistics = folder + "/memory.stat"
            reclaimable = ["inactive_file", "active_file"]
        }

        init(version1 folder: String) {
            limit = folder + "/memory.limit_in_bytes"
            usage = folder + "/memory.usage_in_bytes"
            statistics = folder + "/memory.stat"
            reclaimable = ["total_inactive_file", "total_active_file"]
        }

        /// Cached files included. Nil where there is no limit.
        var occupied: MemoryUse? {
            guard let limit = MemoryLimits.number(limit), limit < MemoryLimits.unlimited,
                let usage = MemoryLimits.number(usage)
            else { return nil }
            return MemoryUse(used: usage, limit: limit)
        }

        var use: MemoryUse? {
            guard let occupied else { return nil }
            let lines = SmallFile.text(statistics).split(separator: "\n").map { $0.split(separator: " ") }
            let files = lines.filter { $0.count == 2 && reclaimable.contains(String($0[0])) }
            let cached = files.reduce(0) { $0 + (UInt64($1[1]) ?? 0) }
            return MemoryUse(used: occupied.used - min(cached, occupied.used), limit: occupied.limit)
        }
    }

    private let groups: [Group]
    private static let pageSize = UInt64(sysconf(Int32(_SC_PAGESIZE)))
    /// What version 1 says where there is none is a page less than 2^63.
    private static let unlimited: UInt64 = 1 << 62

    /// - Parameters:
    ///   - membership: which groups the process is in (cgroups(7), /proc/[pid]/cgroup).
    ///   - root: where control groups are mounted.
    init(membership: String = "/proc/self/cgroup", root: String = "/sys/fs/cgroup") {
        var groups: [Group] = []
        for line in SmallFile.text(membership).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[0] == "0", parts[1].isEmpty {
                groups += Self.folders(of: parts[2], below: root).map(Group.init(version2:))
            } else if parts[1].split(separator: ",").contains("memory") {
                groups += Self.folders(of: parts[2], below: root + "/memory").map(Group.init(version1:))
            }
        }
        self.groups = groups
    }

    /// A group's folder and those above it, whose limits hold as well. In a container the group may be named as it is
    /// outside and mounted as the root; then the folders that are not there have no limit.
    private static func folders(of path: Substring, below root: String) -> [String] {
        let names = path.split(separator: "/")
        return (0...names.count).map { count in
            names.prefix(count).reduce(root) { "\($0)/\($1)" }
        }
    }

    /// Each limit there is, and what is used of it now.
    var uses: [MemoryUse] { groups.compactMap(\.use) + [addressSpace].compactMap(\.self) }

    /// Whether more than that part of any limit is used. What is cached is only asked for where it makes the difference: to
    /// tell it apart costs as much as all the rest.
    func isAnyBeyond(percent: UInt64) -> Bool {
        let isNear = { (use: MemoryUse?) in use?.isBeyond(percent: percent) == true }
        return groups.contains { isNear($0.occupied) && isNear($0.use) } || isNear(addressSpace)
    }

    private var addressSpace: MemoryUse? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max,
            // proc(5), /proc/[pid]/statm: the first number is the program's size in pages.
            let pages = SmallFile.text("/proc/self/statm").split(separator: " ").first.flatMap({ UInt64($0) })
        else { return nil }
        return MemoryUse(used: pages * Self.pageSize, limit: UInt64(limit.rlim_cur))
    }

    private static func number(_ path: String) -> UInt64? {
        SmallFile.text(path).split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) }
    }
}

/// Files that the kernel makes up when they are read.
private enum SmallFile {
    /// As much of it as comes at once; nothing where it cannot be read.
    static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 8_192, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
        }
    }
}
