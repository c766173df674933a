/// What became of the configuration's readings since the start.
public struct ReloadCounters: Equatable, Sendable {
    public var applied: UInt64 = 0
    public var refused: UInt64 = 0
    /// When the configuration in use was read, in seconds since 1970.
    public var lastSuccess: Double

    public init(lastSuccess: Double = 0) {
        self.lastSuccess = lastSuccess
    }
}

/// Reloads of the configuration.
enum ReloadFamilies {
    static let all = [reloads, lastSuccess]

    private static let reloads = MetricFamily(
        .counter, "torii_config_reloads_total", by: ["result"],
        "Times the configuration was read again: applied, or refused and so without effect.")
    private static let lastSuccess = MetricFamily(
        .gauge, "torii_config_last_success_timestamp_seconds",
        "When the configuration in use was read, in seconds since 1970.")

    static func add(_ counters: ReloadCounters, to page: inout Exposition) {
        page.add(reloads) { samples in
            samples.add(["applied"], counters.applied)
            samples.add(["refused"], counters.refused)
        }
        page.add(lastSuccess) { $0.add([], exactly: counters.lastSuccess) }
    }
}
