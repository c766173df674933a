import BenchmarkPlayers
import Glibc
import Primitives

/// What was measured in one span of time.
struct Window {
    private struct Trips {
        var sent = 0
        var times: [UInt64] = []
    }

    private var trips: [PlayerKind: Trips] = [:]
    private var lateness: [UInt64] = []
    /// Of one processor.
    private(set) var cpuShare = 0.0
    private(set) var endedPlayers = 0

    mutating func noteSent(_ kind: PlayerKind, late: Milliseconds) {
        trips[kind, default: Trips()].sent += 1
        lateness.append(late.nanoseconds)
    }

    mutating func noteArrived(_ kind: PlayerKind, after time: Milliseconds) {
        trips[kind, default: Trips()].times.append(time.nanoseconds)
    }

    mutating func note(cpu: Milliseconds, of span: Milliseconds, ended: Int) {
        cpuShare = Double(cpu.nanoseconds) / Double(span.nanoseconds)
        endedPlayers = ended
    }

    /// Milliseconds.
    func percentile(_ percent: Int, of kind: PlayerKind) -> Double {
        Self.percentile(percent, of: trips[kind]?.times ?? [])
    }

    /// Of those sent, in percent.
    func arrived(_ kind: PlayerKind) -> Double {
        Double(trips[kind]?.times.count ?? 0) * 100 / Double(max(trips[kind]?.sent ?? 0, 1))
    }

    /// By how many milliseconds a message left later than it should.
    func lateness(_ percent: Int) -> Double { Self.percentile(percent, of: lateness) }

    /// Why the figures tell of the generator, too, and not only of what it measures; nil where they do not.
    var bottleneck: String? {
        if cpuShare > 0.8 { return "The generator is the bottleneck: it used most of a processor." }
        if lateness(95) > 2 {
            return "The generator had to wait for a processor: the figures tell of a busy machine, too."
        }
        return nil
    }

    /// One line for whoever waits.
    var line: String {
        let parts = PlayerKind.allCases.filter { trips[$0] != nil }.map { kind in
            "\(kind.rawValue): p50 \(Report.text(percentile(50, of: kind))), p95 \(Report.text(percentile(95, of: kind))), "
                + "p99 \(Report.text(percentile(99, of: kind))) ms, \(Report.text(arrived(kind))) % arrived"
        }
        return (parts + ["late p95 \(Report.text(lateness(95))) ms", "CPU \(Report.text(cpuShare * 100)) %"])
            .joined(separator: "; ")
    }

    private static func percentile(_ percent: Int, of times: [UInt64]) -> Double {
        let sorted = times.sorted()
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1_000_000
    }
}

/// Processor time of this process.
enum Usage {
    static var now: Milliseconds {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Milliseconds(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}

extension Milliseconds {
    static func - (later: Milliseconds, earlier: Milliseconds) -> Milliseconds {
        Milliseconds(nanoseconds: later.nanoseconds - earlier.nanoseconds)
    }
}
