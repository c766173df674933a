import Primitives

/// What was looked at once a minute, and how memory goes on.
struct Samples {
    struct Sample {
        let minutes: Double
        let process: ProcessSample
        let sessions: Int
    }

    private(set) var all: [Sample] = []

    mutating func add(_ sample: Sample) { all.append(sample) }

    /// KiB a minute by least squares, from a minute on; nil with fewer than three samples.
    func slope(from minute: Double) -> Double? {
        let points = all.filter { $0.minutes >= minute }.map { ($0.minutes, Double($0.process.residentKiB)) }
        guard points.count > 2 else { return nil }
        let count = Double(points.count)
        let (meanX, meanY) = (points.reduce(0) { $0 + $1.0 } / count, points.reduce(0) { $0 + $1.1 } / count)
        let covariance = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        let variance = points.reduce(0) { $0 + ($1.0 - meanX) * ($1.0 - meanX) }
        return covariance / variance
    }

    var table: [String] {
        var before: Sample?
        let rows = all.map { sample in
            let share = before.map { before in
                (sample.process.processorSeconds - before.process.processorSeconds)
                    / ((sample.minutes - before.minutes) * 60) * 100
            }
            before = sample
            return "| \(Decimal.text(sample.minutes)) | \(sample.process.residentKiB) | \(sample.process.descriptors) "
                + "| \(sample.sessions) | \(share.map { Decimal.text($0) } ?? "") |"
        }
        return ["| minute | RSS, KiB | descriptors | sessions | processor, % |", "|---|---|---|---|---|"] + rows
    }
}

enum Decimal {
    /// One decimal.
    static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
