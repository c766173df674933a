import Glibc

/// What became of one route's looks for servers.
public struct DiscoveryCounters: Equatable, Sendable {
    public private(set) var found: UInt64 = 0
    public private(set) var failed: UInt64 = 0
    /// When servers were found last, in seconds since 1970; 0 before.
    public private(set) var lastSuccess: Double = 0

    public init() {}

    public mutating func note(isFound: Bool) {
        if isFound {
            found += 1
            lastSuccess = Double(time(nil))
        } else {
            failed += 1
        }
    }
}

/// Discovery of routes' servers.
enum DiscoveryFamilies {
    static let all = [looks, lastSuccess]

    private static let looks = MetricFamily(
        .counter, "torii_discovery_looks_total", by: ["route", "result"],
        "Looks for a route's servers: found, or failed, after which the last ones stay in use.")
    private static let lastSuccess = MetricFamily(
        .gauge, "torii_discovery_last_success_timestamp_seconds", by: ["route"],
        "When a route's servers were found last, in seconds since 1970; 0 before the first time.")

    static func add(_ counters: [String: DiscoveryCounters], to page: inout Exposition) {
        let routes = counters.sorted { $0.key < $1.key }
        page.add(looks) { samples in
            for (route, counters) in routes {
                samples.add([route, "found"], counters.found)
                samples.add([route, "failed"], counters.failed)
            }
        }
        page.add(lastSuccess) { samples in
            for (route, counters) in routes { samples.add([route], exactly: counters.lastSuccess) }
        }
    }
}
