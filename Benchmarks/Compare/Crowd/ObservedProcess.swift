import BenchmarkPlayers
import Foundation
import Glibc
import Primitives

/// Processes of this machine, and what they have used so far together.
struct ObservedProcesses {
    private let all: [ObservedProcess]

    /// This process itself where an id is 0.
    init(_ ids: [pid_t]) throws { all = try ids.map(ObservedProcess.init) }

    /// Processor time of all their threads.
    var processorTime: Milliseconds { Milliseconds(nanoseconds: all.reduce(0) { $0 + $1.processorTime.nanoseconds }) }

    /// Resident memory, in bytes.
    var residentBytes: Int { all.reduce(0) { $0 + $1.residentBytes } }
}

private struct ObservedProcess {
    private let id: pid_t
    private var clock = clockid_t()

    init(id: pid_t) throws {
        self.id = id
        guard clock_getcpuclockid(id, &clock) == 0 else { throw LoadError("There is no process \(id).") }
    }

    var processorTime: Milliseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Milliseconds(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    var residentBytes: Int {
        let name = id == 0 ? "self" : "\(id)"
        let fields = (try? String(contentsOfFile: "/proc/\(name)/statm", encoding: .utf8))?.split(separator: " ") ?? []
        // proc(5): the second is resident pages.
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
