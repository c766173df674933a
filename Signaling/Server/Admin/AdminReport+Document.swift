import Gateway
import Primitives

// The gateway as JSON. Times are in milliseconds.
extension AdminReport {
    func document(_ logLevel: AdminLogLevel, _ wrongTokens: UInt64) -> JSONDocument {
        let carried = metrics.routes.map(\.counters.carried)
        var members: [(String, JSONDocument)] = [
            ("version", .string(version)), ("uptimeMs", .count(uptime)), ("state", .string(metrics.service.label)),
            ("logLevel", .string(logLevel.rawValue)), ("wrongTokens", .count(wrongTokens)), ("sessions", sessions),
        ]
        members.append(("toServer", Self.sum(carried.map(\.toServer))))
        members.append(("toBrowser", Self.sum(carried.map(\.toBrowser))))
        members.append(("drops", drops))
        members.append(("queues", queues))
        members.append(("joins", .count(metrics.routes.reduce(0) { $0 &+ $1.counters.joins })))
        members.append(("refusals", Self.counts(metrics.refusals.map { ($0.key.rawValue, $0.value) })))
        members.append(("ends", ends))
        members.append(("roundTrips", roundTrips))
        members.append(("worker", worker))
        return .object(members)
    }

    private var roundTrips: JSONDocument {
        [
            ("browser", Self.sum(metrics.routes.map(\.counters.browserRoundTrip))),
            ("server", Self.sum(metrics.routes.map(\.counters.serverRoundTrip))),
        ]
    }

    private var sessions: JSONDocument {
        let states = SessionState.allCases.map { state in
            (state.rawValue, metrics.routes.reduce(0) { $0 + ($1.sessions[state] ?? 0) })
        }
        let total = states.reduce(0) { $0 + $1.1 }
        return .object(
            [("total", .integer(total)), ("limit", .integer(metrics.sessionLimit))]
                + states.map { ($0.0, .integer($0.1)) })
    }

    private var drops: JSONDocument {
        var sum = metrics.strayDrops
        for route in metrics.routes { sum.add(route.counters.carried.drops) }
        return .object(sum.nonZero.map { ($0.reason.label, .count($0.count)) })
    }

    private var queues: JSONDocument {
        .object(
            SessionQueue.allCases.map { queue in
                (queue.rawValue, .integer(metrics.routes.reduce(0) { $0 + ($1.queues[queue]?.bytes ?? 0) }))
            })
    }

    private var ends: JSONDocument {
        var sum: [String: UInt64] = [:]
        for route in metrics.routes {
            for (kind, count) in route.counters.ends { sum[kind.rawValue, default: 0] &+= count }
        }
        return Self.counts(sum.map { ($0.key, $0.value) })
    }

    private var worker: JSONDocument {
        let loop = metrics.loop
        return [
            ("deadlineLag", Self.document(loop.deadlineLag)), ("requestLag", Self.document(loop.requestLag)),
            ("datagramLag", Self.document(loop.datagramLag)), ("turns", Self.document(loop.turns)),
            ("unsentDatagrams", .count(loop.unsentDatagrams)), ("tcpConnections", .integer(loop.tcpConnections)),
        ]
    }

    /// The routes and their servers.
    var servers: JSONDocument {
        let routes = metrics.routes.map { route -> JSONDocument in
            [
                ("name", .string(route.name)), ("profile", .string(route.profile.rawValue)),
                ("scheme", .string(route.scheme)),
                ("up", JSONDocument(route.isServerUp, JSONDocument.boolean)),
                ("ejections", .count(route.ejections)),
                (
                    "servers",
                    .array(
                        route.servers.map { server in
                            [
                                ("name", .string(server.label)), ("state", .string(server.state.rawValue)),
                                ("sessions", .integer(server.sessions)),
                            ]
                        })
                ),
            ]
        }
        return [("routes", .array(routes))]
    }

    private static func counts(_ pairs: [(String, UInt64)]) -> JSONDocument {
        .object(pairs.sorted { $0.0 < $1.0 }.map { ($0.0, .count($0.1)) })
    }

    private static func sum(_ counters: [MessageCounters]) -> JSONDocument {
        [
            ("messages", .count(counters.reduce(0) { $0 &+ $1.messages })),
            ("bytes", .count(counters.reduce(0) { $0 &+ $1.bytes })),
        ]
    }

    /// Histograms of the same bounds as one.
    private static func sum(_ histograms: [Histogram]) -> JSONDocument {
        guard let first = histograms.first else { return document(Histogram(bounds: [])) }
        let counts = histograms.dropFirst().reduce(first.counts) { sum, next in
            zip(sum, next.counts).map { $0 &+ $1 }
        }
        return document(first.bounds, counts, histograms.reduce(0) { $0 &+ $1.sum })
    }

    private static func document(_ histogram: Histogram) -> JSONDocument {
        document(histogram.bounds, histogram.counts, histogram.sum)
    }

    /// - Parameters: in nanoseconds.
    private static func document(_ bounds: [UInt64], _ counts: [UInt64], _ sum: UInt64) -> JSONDocument {
        [
            ("count", .count(counts.reduce(0, &+))), ("sumMs", .decimal(Double(sum) / 1e6)),
            ("boundsMs", .array(bounds.map { .decimal(Double($0) / 1e6) })),
            ("counts", .array(counts.map(JSONDocument.count))),
        ]
    }
}

extension ServiceState {
    /// `serving`, `draining`, `departing` or `stopping`.
    var label: String {
        switch self {
        case .serving: "serving"
        case .draining: "draining"
        case .departing: "departing"
        case .stopping: "stopping"
        }
    }
}
