import ENet
import Gateway
import Primitives
import SimulationSupport

/// What metrics say of sessions that have all ended, beside what was told of each of them.
struct MetricsCheck {
    private let metrics: GatewayMetrics
    private let events: [SessionEvent]

    init(of world: SimulatedWorld) {
        metrics = world.metrics
        events = world.events
    }

    /// Everything is counted once, in its route, and nothing twice.
    var contradictions: [String] {
        metrics.routes.flatMap { route in
            let mine = events.filter { $0.route == route.name }
            let ends = Self.ends(in: mine)
            var wrong: [String] = []
            func expect(_ isRight: Bool, _ what: String) {
                if !isRight { wrong.append("metrics of \(route.name): \(what)") }
            }
            expect(route.counters.joins == Self.joins(in: mine), "\(route.counters.joins) joins")
            expect(route.counters.ends == Self.counted(ends.map(\.reason.kind)), "ends \(route.counters.ends)")
            for delivery in Delivery.allCases {
                for direction in [\SessionCounters.toServer, \.toBrowser] {
                    let counted = route.counters.carried[keyPath: direction][delivery]
                    let told = ends.map { $0.counters[keyPath: direction][delivery] }
                    expect(counted.messages == told.reduce(0) { $0 + $1.messages }, "\(delivery) \(counted)")
                    expect(counted.bytes == told.reduce(0) { $0 + $1.bytes }, "\(delivery) \(counted)")
                }
            }
            for reason in DropReason.allCases {
                let told = ends.reduce(0) { $0 + $1.counters.drops[reason] }
                expect(route.counters.carried.drops[reason] == told, "\(reason)")
            }
            let players = Self.players(in: mine)
            for phase in [SetupPhase.ice, .dtls, .sctp, .enet] {
                expect(route.counters.setup[phase]?.count ?? 0 >= players, "\(phase) of \(players)")
            }
            expect(route.counters.setup[.enet]?.count == players, "\(players) played")
            expect(route.sessions.values.allSatisfy { $0 == 0 }, "sessions \(route.sessions)")
            expect(route.queues.values.allSatisfy { $0 == QueueDepth() }, "queues \(route.queues)")
            return wrong
        }
    }

    private static func joins(in events: [SessionEvent]) -> UInt64 {
        UInt64(events.count { if case .joined = $0.kind { true } else { false } })
    }

    private static func players(in events: [SessionEvent]) -> UInt64 {
        UInt64(events.count { if case .playing = $0.kind { true } else { false } })
    }

    private static func ends(in events: [SessionEvent]) -> [(reason: EndReason, counters: SessionCounters)] {
        events.compactMap { event in
            guard case .ended(let reason, _, let counters) = event.kind else { return nil }
            return (reason, counters)
        }
    }

    private static func counted(_ kinds: [EndReason.Kind]) -> [EndReason.Kind: UInt64] {
        kinds.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
