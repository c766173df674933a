import Gateway
import Primitives

// Asking servers whether they are there, for routes that want it.
extension DataPlane {
    // Our choice.
    /// How often it is looked whose turn it is.
    private static let probeStep = Duration.seconds(1)

    /// Probes the servers of all routes as often as each says, as they are at the time. Returns when the task is cancelled.
    public func probeServers() async {
        var due: [String: Instant] = [:]
        // Sleeping fails only when the task is cancelled.
        repeat {
            let routes = await ask { .probedRoutes($0) }
            let now = MonotonicClock.now
            due = due.filter { name, _ in routes.contains { $0.name == name } }
            let turn = routes.filter { (due[$0.name] ?? .zero) <= now }
            for route in turn { due[route.name] = now + (route.pool.probeInterval ?? 0) }
            let targets = turn.flatMap { route in
                route.servers.map {
                    ProbeRound.Target(
                        route: route.name, server: $0.address, path: route.path, compression: route.enet.compression,
                        security: route.security)
                }
            }
            for (target, isAnswered) in zip(targets, await Self.answers(of: targets)) {
                if let isAnswered { probed(target.server, on: target.route, isAnswered: isAnswered) }
            }
        } while (try? await Task.sleep(for: Self.probeStep)) != nil
    }

    private static func answers(of targets: [ProbeRound.Target]) async -> [Bool?] {
        guard !targets.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            WorkerThread.run { continuation.resume(returning: ProbeRound.run(targets)) }
        }
    }
}
