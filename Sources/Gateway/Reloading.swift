import DTLS
import Primitives

// A new configuration for a gateway that runs.
extension GatewayCore {
    /// Takes another configuration into use, as a whole or not at all.
    ///
    /// Sessions go on with what they began with, those of routes that are no more, too; only what limits several sessions
    /// together is a new limit for all of them. A route that is configured as before keeps its servers where they have moved.
    ///
    /// - Throws: when OpenSSL cannot verify a route's server as it should; then nothing has changed.
    public func reload(_ new: GatewayConfiguration, at now: Instant) throws(DTLSSetupError) {
        let routes = try routesInUse.replaced(by: new.routes.values)
        var new = new
        for (name, route) in new.routes {
            if routesInUse.configured(name) == route {
                new.routes[name] = configuration.routes[name]
            } else if let source = route.pool.source, let old = configuration.routes[name], old.pool.source == source {
                // What was found by the same is found by it still.
                new.routes[name]?.servers = old.servers
            }
        }
        configuration = new
        routes.take(over: routesInUse)
        routesInUse = routes
        changePools(at: now)
        overall.change(to: new.rates)
        for session in sessions.live {
            session.noteLimitsChanged(overall.rates(of: session.source))
            // Who waits for a limit may no longer have to.
            touch(session.slot)
        }
        for name in peerIDs.keys { forgetPeerIDs(ofUnused: name) }
    }

    /// Ids of a route that is no more are free when its last session has ended.
    func forgetPeerIDs(ofUnused route: String) {
        guard configuration.routes[route] == nil, peerIDs[route]?.count == 0 else { return }
        peerIDs[route] = nil
    }
}
