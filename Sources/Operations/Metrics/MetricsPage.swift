import Gateway

/// Everything the gateway tells Prometheus, at one moment.
public struct MetricsPage: Sendable {
    public let version: String
    public let gateway: GatewayMetrics
    public let process: ProcessUsage
    public let reloads: ReloadCounters
    public let admissionRefusals: [AdmissionRefusalKind: UInt64]
    /// By route.
    public let discoveries: [String: DiscoveryCounters]
    public let wrongAdminTokens: UInt64

    public init(
        version: String, gateway: GatewayMetrics, process: ProcessUsage, reloads: ReloadCounters = ReloadCounters(),
        admissionRefusals: [AdmissionRefusalKind: UInt64] = [:], discoveries: [String: DiscoveryCounters] = [:],
        wrongAdminTokens: UInt64 = 0
    ) {
        self.version = version
        self.gateway = gateway
        self.process = process
        self.reloads = reloads
        self.admissionRefusals = admissionRefusals
        self.discoveries = discoveries
        self.wrongAdminTokens = wrongAdminTokens
    }

    /// Every family that a page has, in its order.
    public static let families =
        [build] + SessionFamilies.all + TrafficFamilies.all + RouteFamilies.all + ServerFamilies.all + SCTPFamilies.all
        + LoopFamilies.all
        + ReloadFamilies.all + DiscoveryFamilies.all + AdminFamilies.all + ProcessFamilies.all

    public var exposition: Exposition {
        var page = Exposition()
        page.add(Self.build) { $0.add([version], 1) }
        SessionFamilies.add(gateway, admissionRefusals, to: &page)
        TrafficFamilies.add(gateway.routes, gateway.strayDrops, to: &page)
        RouteFamilies.add(gateway.routes, to: &page)
        ServerFamilies.add(gateway.routes, to: &page)
        SCTPFamilies.add(gateway.sctp, to: &page)
        LoopFamilies.add(gateway.loop, to: &page)
        ReloadFamilies.add(reloads, to: &page)
        DiscoveryFamilies.add(discoveries, to: &page)
        AdminFamilies.add(wrongAdminTokens, to: &page)
        ProcessFamilies.add(process, to: &page)
        return page
    }

    private static let build = MetricFamily(
        .gauge, "torii_build_info", by: ["version"], "Always 1; the label says which Torii this is.")
}
