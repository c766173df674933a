/// What came of it: the report, and what makes the run a failure.
struct HoldVerdict {
    let options: HoldCommand
    let totals: Totals
    let samples: Samples
    let before: ProcessSample
    let after: ProcessSample
    let metrics: Metrics
    let troubles: [String: Int]
    let strangeDatagrams: Int
    let complaints: [String]
    let gatewayEnd: String
    let log: String

    /// KiB of resident memory a minute. The smallest leak of a session that shows is this by the joins in a minute.
    static let slopeBound = 64.0

    /// Minutes for tables and the heap to fill. A shorter run says nothing of memory.
    private static let warmUp = 10.0
    private var slope: Double? { samples.slope(from: Self.warmUp) }

    /// A sentence each.
    var faults: [String] {
        var faults: [String] = []
        let lines = totals.faults
        if gatewayEnd != "exit status 0" {
            faults.append("The gateway's end was \(gatewayEnd), and should be exit status 0.")
        }
        if lines.lost > 0 { faults.append("\(lines.lost) reliable messages were lost.") }
        if lines.overdue > 0 { faults.append("\(lines.overdue) reliable messages were not back in a minute.") }
        if lines.twice > 0 { faults.append("\(lines.twice) reliable messages arrived twice.") }
        if lines.outOfOrder > 0 { faults.append("\(lines.outOfOrder) reliable messages arrived out of order.") }
        if lines.changed > 0 { faults.append("\(lines.changed) reliable messages arrived changed.") }
        if totals.foreign > 0 { faults.append("\(totals.foreign) messages came to players they were not for.") }
        if !complaints.isEmpty {
            faults.append("The servers found \(complaints.count) faults; the first: \(complaints[0])")
        }
        if let slope, slope > Self.slopeBound {
            faults.append("Memory rose by \(Decimal.text(slope)) KiB a minute; \(Self.slopeBound) are allowed.")
        }
        if after.descriptors > before.descriptors {
            faults.append("\(after.descriptors - before.descriptors) descriptors were left open.")
        }
        return faults + totals.problems
    }

    var text: String {
        let lines = [
            "Seed \(options.seed), \(options.minutes) minutes, \(options.players) web and \(options.native) native players at a time.",
            "",
        ]
        return (lines + summary + [""] + samples.table + [""] + details + [""] + verdict).joined(separator: "\n")
    }

    private var summary: [String] {
        let slopeText = slope.map { "\(Decimal.text($0)) KiB a minute" } ?? "not enough samples"
        return [
            "| what | |", "|---|---|",
            "| the gateway's end, by SIGTERM | \(gatewayEnd) |",
            "| joins; of these, players who came to play | \(totals.joins); \(totals.reachedPlay) |",
            "| reliable messages sent, back at their player | \(totals.reliableSent), \(totals.reliableArrived) |",
            "| lost, not back in a minute, twice, out of order, changed | \(totals.faults.lost), \(totals.faults.overdue), \(totals.faults.twice), "
                + "\(totals.faults.outOfOrder), \(totals.faults.changed) |",
            "| under way when their session ended | \(totals.underWay.values.reduce(0, +)) |",
            "| out of order at the servers | \(complaints.count) |",
            "| unreliable messages sent, back, at the wrong player | \(totals.statesSent), \(totals.statesArrived), \(totals.foreign) |",
            "| resident memory from minute \(Decimal.text(Self.warmUp)) on, linear fit | \(slopeText) |",
            "| resident memory before the first and after the last player | \(before.residentKiB) KiB, \(after.residentKiB) KiB |",
            "| descriptors before the first and after the last player | \(before.descriptors), \(after.descriptors) |",
            "| processor time of the gateway | \(Decimal.text(after.processorSeconds)) s |",
            "| players' moves to another port | \(totals.moves) |",
            "| strangers' datagrams | \(strangeDatagrams) |",
            "| native players; their messages back | \(totals.nativeJoins); \(totals.nativeArrived) |",
        ] + troubles.sorted { $0.key < $1.key }.map { "| \($0.key) | \($0.value) |" }
    }

    private var details: [String] {
        table("how players' sessions ended, by what they saw", totals.ends)
            + table("reliable messages under way when their session ended, by why it did", totals.underWay)
            + table("joins that were refused", totals.refusals)
            + table("ends by the gateway's own count", metrics.counts(of: "torii_session_ends_total", by: "reason"))
            + table("drops by the gateway's own count", metrics.counts(of: "torii_drops_total", by: "reason"))
            + table("lines of the log", logLevels)
    }

    private var logLevels: [String: Int] {
        var counts: [String: Int] = [:]
        for line in log.split(separator: "\n") {
            let level = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            if ["info", "notice", "warning", "error"].contains(level) { counts[level, default: 0] += 1 }
        }
        return counts
    }

    private var verdict: [String] {
        faults.isEmpty ? ["**Held.**"] : ["**Not held:**", ""] + faults.prefix(20).map { "* \($0)" }
    }

    private func table(_ title: String, _ counts: [String: Int]) -> [String] {
        let rows = counts.filter { $0.value > 0 }.sorted { $0.value > $1.value }
        return ["| \(title) | |", "|---|---|"] + rows.map { "| \($0.key) | \($0.value) |" } + [""]
    }
}
