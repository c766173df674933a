import Gateway

/// Each of a route's servers.
enum ServerFamilies {
    static let all = [state, sessions, ejections]

    private static let state = MetricFamily(
        .gauge, "torii_server_state", by: ["route", "server", "state"],
        "1 for the state a route's server is in, else 0: up, full, ejected (players found nobody there) or down (probes get no answer)."
    )
    private static let sessions = MetricFamily(
        .gauge, "torii_server_sessions", by: ["route", "server"],
        "Live sessions that are on a route's server, or on their way there.")
    private static let ejections = MetricFamily(
        .counter, "torii_server_ejections_total", by: ["route"],
        "Times a route's server got no more players for a while because players found nobody there.")

    static func add(_ routes: [RouteMetrics], to page: inout Exposition) {
        page.add(state) { samples in
            for route in routes {
                for server in route.servers {
                    for state in ServerState.allCases {
                        samples.add([route.name, server.label, state.rawValue], server.state == state ? 1 : 0)
                    }
                }
            }
        }
        page.add(sessions) { samples in
            for route in routes {
                for server in route.servers { samples.add([route.name, server.label], server.sessions) }
            }
        }
        page.add(ejections) { samples in
            for route in routes { samples.add([route.name], route.ejections) }
        }
    }
}
