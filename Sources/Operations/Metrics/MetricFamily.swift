/// One kind of metric: what Prometheus is told of it, once.
public struct MetricFamily: Equatable, Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    public let name: String
    public let kind: Kind
    /// One sentence for whoever looks the name up.
    public let help: String
    /// The labels' names, in the order in which samples have their values. What they can be is known at the start:
    /// routes, and closed lists of the program's own.
    public let labels: [String]
    /// How many of the program's integers are one of the name's unit: a billion nanoseconds are a second.
    let scale: Double

    init(
        _ kind: Kind, _ name: String, by labels: [String] = [], scale: MetricScale = .one, _ help: String
    ) {
        self.kind = kind
        self.name = name
        self.labels = labels
        self.help = help
        self.scale = scale.rawValue
    }
}

/// In what the program's integers are.
enum MetricScale: Double {
    case one = 1
    /// Of seconds.
    case nanoseconds = 1e9
    /// Of a ratio.
    case millionths = 1e6
}
