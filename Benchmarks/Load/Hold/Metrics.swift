/// A page of /metrics: each series with its labels, as it is written there.
struct Metrics {
    private let values: [Substring: Double]
    private let text: String

    init(parsing text: String) {
        self.text = text
        var values: [Substring: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[line[..<space]] = Double(line[line.index(after: space)...])
        }
        self.values = values
    }

    subscript(series: String) -> Double? { values[series[...]] }

    /// All series of a family that are not 0, by one of their labels; those alike in it together.
    func counts(of family: String, by label: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for (series, value) in values where value > 0 && series.hasPrefix("\(family){") {
            guard let start = series.firstRange(of: "\(label)=\"")?.upperBound,
                let end = series[start...].firstIndex(of: "\"")
            else { continue }
            counts[String(series[start..<end]), default: 0] += Int(value)
        }
        return counts
    }
}
