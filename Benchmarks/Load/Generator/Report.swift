import BenchmarkPlayers

/// All windows as a table: medians, and from the smallest to the largest.
struct Report {
    private let hasBoth: Bool
    private var windows: [Window] = []
    private static let percents = [50, 95, 99]

    init(hasBoth: Bool) { self.hasBoth = hasBoth }

    mutating func add(_ window: Window) { windows.append(window) }

    var table: String {
        var lines = ["| | p50 ms | p95 ms | p99 ms | arrived % |", "|---|---|---|---|---|"]
        for kind in PlayerKind.allCases where windows.contains(where: { $0.arrived(kind) > 0 }) {
            let arrived = windows.map { $0.arrived(kind) }
            lines.append(row(kind.rawValue, times { $0.percentile($1, of: kind) } + [arrived]))
        }
        if hasBoth {
            let ratios = times { $0.percentile($1, of: .web) / $0.percentile($1, of: .native) }
            lines.append(row("*ratio*", ratios + [[]]))
        }
        return (lines + [""] + remarks).joined(separator: "\n")
    }

    /// A column for each percentile: a figure of each window.
    private func times(_ figure: (Window, Int) -> Double) -> [[Double]] {
        Self.percents.map { percent in windows.map { figure($0, percent) } }
    }

    private var remarks: [String] {
        let (median, most) = (
            Self.spread(windows.map { $0.lateness(50) }), Self.spread(windows.map { $0.lateness(95) })
        )
        let cpu = Self.spread(windows.map { $0.cpuShare * 100 })
        let ended = windows.last?.endedPlayers ?? 0
        return [
            "Messages left late by \(median) ms at the median and \(most) ms at p95.",
            "The generator used \(cpu) % of a processor.",
            ended > 0 ? "\(ended) players ended before the end." : nil,
            windows.lazy.compactMap(\.bottleneck).first,
        ].compactMap { $0 }
    }

    private func row(_ name: String, _ columns: [[Double]]) -> String {
        "| \(name) | \(columns.map(Self.spread).joined(separator: " | ")) |"
    }

    /// The median, and both ends where there are several.
    private static func spread(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return "" }
        let median = text(sorted[sorted.count / 2])
        return sorted.count == 1 ? median : "\(median) (\(text(first))–\(text(last)))"
    }

    /// Two decimals.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let whole = Int((value * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }
}
