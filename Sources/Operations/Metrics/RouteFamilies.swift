import Gateway

/// Routes, their servers, and the ways on both sides of the gateway.
enum RouteFamilies {
    static let all = [information, unverified, up, roundTrip, loss, abandoned]

    private static let information = MetricFamily(
        .gauge, "torii_route_info", by: ["route", "scheme", "profile"], "Always 1; the labels say what the route is.")
    private static let unverified = MetricFamily(
        .gauge, "torii_route_certificate_unverified", by: ["route"],
        "1 where the server's certificate is not verified (verify=none), else 0.")
    private static let up = MetricFamily(
        .gauge, "torii_route_server_up", by: ["route"],
        "1 when the server was there for the last player who came to it, 0 when it was not; missing before the first.")
    private static let roundTrip = MetricFamily(
        .histogram, "torii_round_trip_seconds", by: ["route", "leg"], scale: .nanoseconds,
        "Smoothed round-trip times of playing sessions, noted every 5 s: browser as SCTP, server as ENet has them.")
    private static let loss = MetricFamily(
        .histogram, "torii_server_loss_ratio", by: ["route"], scale: .millionths,
        "The part of reliable commands that ENet sent again, smoothed, of playing sessions, noted every 5 s.")
    private static let abandoned = MetricFamily(
        .counter, "torii_browser_chunks_abandoned_total", by: ["route"],
        "SCTP chunks of unreliable messages that were sent to browsers and given up: lost, or too slow; noted every 5 s."
    )

    static func add(_ routes: [RouteMetrics], to page: inout Exposition) {
        page.add(information) { samples in
            for route in routes { samples.add([route.name, route.scheme, route.profile.rawValue], 1) }
        }
        page.add(unverified) { samples in
            for route in routes { samples.add([route.name], route.isUnverified ? 1 : 0) }
        }
        page.add(up) { samples in
            for route in routes {
                if let isUp = route.isServerUp { samples.add([route.name], isUp ? 1 : 0) }
            }
        }
        page.add(roundTrip) { samples in
            for route in routes {
                samples.add([route.name, "browser"], route.counters.browserRoundTrip)
                samples.add([route.name, "server"], route.counters.serverRoundTrip)
            }
        }
        page.add(loss) { samples in
            for route in routes { samples.add([route.name], route.counters.serverLoss) }
        }
        page.add(abandoned) { samples in
            for route in routes { samples.add([route.name], route.counters.abandonedChunks) }
        }
    }
}
