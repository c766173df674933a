// Prometheus' text format, version 0.0.4, written by hand: it is small, and what is shown is a snapshot of values, where
// libraries for metrics want to own the counters.
//
// Left out: timestamps of samples, which Prometheus takes from its own clock, and exemplars.

import Primitives

/// A page for Prometheus, as it is written: families one after the other, each with HELP, TYPE and its samples.
public struct Exposition: Sendable {
    public private(set) var text = ""
    /// What is on the page.
    public private(set) var families: [MetricFamily] = []

    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    public init() {}

    /// Adds a family whose samples `body` gives.
    mutating func add(_ family: MetricFamily, _ body: (inout Samples) -> Void) {
        families.append(family)
        text += "# HELP \(family.name) \(Self.escaped(family.help, quotation: false))\n"
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        var samples = Samples(of: family)
        body(&samples)
        text += samples.text
    }

    /// Adds a family of one sample.
    mutating func add(_ family: MetricFamily, _ value: some BinaryInteger) {
        add(family) { $0.add([], value) }
    }

    /// A backslash and the end of a line are written as escapes; in a label's value a quotation mark is, too.
    static func escaped(_ text: String, quotation: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotation: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

/// The samples of one family.
struct Samples {
    private let family: MetricFamily
    fileprivate var text = ""

    fileprivate init(of family: MetricFamily) {
        self.family = family
    }

    /// - Parameter labels: the values of the family's labels, in their order.
    mutating func add(_ labels: [String], _ value: some BinaryInteger) {
        write("", labels, number(value))
    }

    /// A value that is in the name's unit already.
    mutating func add(_ labels: [String], exactly value: Double) {
        write("", labels, Self.number(value))
    }

    mutating func add(_ labels: [String], _ histogram: Histogram) {
        var count: UInt64 = 0
        for (bound, more) in zip(histogram.bounds, histogram.counts) {
            count += more
            write("_bucket", labels, bound: number(bound), "\(count)")
        }
        write("_bucket", labels, bound: "+Inf", "\(histogram.count)")
        write("_sum", labels, number(histogram.sum))
        write("_count", labels, "\(histogram.count)")
    }

    private mutating func write(_ suffix: String, _ values: [String], bound: String? = nil, _ value: String) {
        precondition(values.count == family.labels.count, "A sample of \(family.name) has all its labels.")
        var labels = zip(family.labels, values).map { "\($0)=\"\(Exposition.escaped($1, quotation: true))\"" }
        if let bound { labels.append("le=\"\(bound)\"") }
        let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        text += "\(family.name)\(suffix)\(braces) \(value)\n"
    }

    private func number(_ value: some BinaryInteger) -> String {
        family.scale == 1 ? "\(value)" : Self.number(Double(value) / family.scale)
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
