import BenchmarkPlayers
import Foundation
import Glibc
import Primitives

/// A process of this machine, and what it has used so far.
struct ObservedProcess {
    private let id: pid_t
    private var clock = clockid_t()

    /// This process itself where `id` is 0.
    init(id: pid_t) throws {
        self.id = id
        guard clock_getcpuclockid(id, &clock) == 0 else { throw LoadError("There is no process \(id).") }
    }

    /// Processor time of all its threads.
    var processorTime: Milliseconds {
        var time = timespec()
        clock_gettime(clock, &time)
        return Milliseconds(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// Resident memory, in bytes.
    var residentBytes: Int {
        let name = id == 0 ? "self" : "\(id)"
        let fields = (try? String(contentsOfFile: "/proc/\(name)/statm", encoding: .utf8))?.split(separator: " ") ?? []
        // proc(5): the second is resident pages.
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
