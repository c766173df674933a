import Primitives

// What the gateway learns of routes' servers while it runs.
extension GatewayCore {
    /// New players of a route go to its server there. Those who play stay where they are, as long as it answers.
    ///
    /// - Parameter index: which of the servers it is, as the route lists them.
    public func moveServer(
        of route: String, server index: Int = 0, to address: TransportAddress, linkMTU: Int?, at now: Instant
    ) {
        guard var servers = configuration.routes[route]?.servers, servers.indices.contains(index) else { return }
        servers[index].address = address
        servers[index].linkMTU = linkMTU
        use(servers, on: route, at: now)
    }

    /// The servers of a route that were found last: new players go to these and to no others. Those who play on one that
    /// is not among them go on.
    ///
    /// - Parameter source: what they were found by; a route that has another since takes no notice.
    public func discovered(_ servers: [RouteServer], on route: String, by source: String, at now: Instant) {
        guard configuration.routes[route]?.pool.source == source else { return }
        use(servers, on: route, at: now)
    }

    /// What became of a probe of a route's server.
    public func probed(_ address: TransportAddress, on route: String, isAnswered: Bool, at now: Instant) {
        pools[route]?.noteProbe(of: address, isAnswered: isAnswered, at: now)
    }

    private func use(_ servers: [RouteServer], on route: String, at now: Instant) {
        configuration.routes[route]?.servers = servers
        guard let rules = configuration.routes[route]?.pool else { return }
        pools[route]?.change(to: servers, rules, at: now)
    }

    /// What a session's end says of its server.
    func noteServer(of session: Session, after reason: EndReason, at now: Instant) {
        let (route, address) = (session.route.name, session.destination.address)
        pools[route]?.noteSessionEnded(on: address)
        if reason.kind.isServerMissing { pools[route]?.noteFailure(of: address, at: now) }
    }

    /// After a reload: what is known of servers that stay goes on.
    func changePools(at now: Instant) {
        for name in pools.keys where configuration.routes[name] == nil { pools[name] = nil }
        for (name, route) in configuration.routes {
            if pools[name] != nil {
                pools[name]?.change(to: route.servers, route.pool, at: now)
            } else {
                pools[name] = ServerPool(route.servers, route.pool)
                // A route that comes back may have players from before.
                for session in sessions.live where session.route.name == name {
                    pools[name]?.noteSessionBegan(on: session.destination.address)
                }
            }
        }
    }
}
