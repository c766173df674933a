import Gateway

/// Sessions: how many there are, how they come and go.
enum SessionFamilies {
    static let all = [limit, draining, stopping, sessions, joins, admissionRefusals, refusals, ends, setup]

    private static let limit = MetricFamily(
        .gauge, "torii_sessions_limit", "Sessions that may be live at once (--max-sessions).")
    private static let draining = MetricFamily(
        .gauge, "torii_draining", "1 while the gateway keeps its sessions and takes no more, else 0.")
    private static let stopping = MetricFamily(
        .gauge, "torii_stopping", "1 while the gateway ends its sessions and takes no more, else 0.")
    private static let sessions = MetricFamily(
        .gauge, "torii_sessions", by: ["route", "state"],
        "Live sessions: joining (connecting to the browser), connecting (to the server), playing, or ending.")
    private static let joins = MetricFamily(
        .counter, "torii_joins_total", by: ["route"], "Offers that were answered and so began a session.")
    private static let admissionRefusals = MetricFamily(
        .counter, "torii_admission_refusals_total", by: ["reason"],
        "Joins of players who were not let in, by reason.")
    private static let refusals = MetricFamily(
        .counter, "torii_join_refusals_total", by: ["reason"], "Well-formed offers that were refused, by reason.")
    private static let ends = MetricFamily(
        .counter, "torii_session_ends_total", by: ["route", "reason"], "Sessions that ended, by reason.")
    private static let setup = MetricFamily(
        .histogram, "torii_session_setup_seconds", by: ["route", "phase"], scale: .nanoseconds,
        "How long each phase of a session's beginning took, where it was got through: offer, ice, dtls, sctp, enet.")

    static func add(
        _ gateway: GatewayMetrics, _ refused: [AdmissionRefusalKind: UInt64], to page: inout Exposition
    ) {
        page.add(limit, gateway.sessionLimit)
        page.add(draining, gateway.service.isDraining ? 1 : 0)
        page.add(stopping, gateway.service == .stopping ? 1 : 0)
        page.add(sessions) { samples in
            for route in gateway.routes {
                for state in SessionState.allCases {
                    samples.add([route.name, state.rawValue], route.sessions[state] ?? 0)
                }
            }
        }
        page.add(joins) { samples in
            for route in gateway.routes { samples.add([route.name], route.counters.joins) }
        }
        page.add(admissionRefusals) { samples in
            for kind in AdmissionRefusalKind.allCases { samples.add([kind.rawValue], refused[kind] ?? 0) }
        }
        page.add(refusals) { samples in
            for kind in JoinRefusal.Kind.allCases { samples.add([kind.rawValue], gateway.refusals[kind] ?? 0) }
        }
        page.add(ends) { samples in
            for route in gateway.routes {
                for kind in EndReason.Kind.allCases {
                    samples.add([route.name, kind.rawValue], route.counters.ends[kind] ?? 0)
                }
            }
        }
        page.add(setup) { samples in
            for route in gateway.routes {
                for phase in SetupPhase.allCases {
                    guard let times = route.counters.setup[phase] else { continue }
                    samples.add([route.name, phase.rawValue], times)
                }
            }
        }
    }
}
