import DTLS

/// What the sessions of one route have in common.
struct RouteResources {
    let rates: SharedRates
    let record: RouteRecord
    /// Nil for a route without DTLS to its server, and only for such.
    let clientContext: ClientContext?

    /// - Parameter former: what the sessions have that began before the route was changed; counts go on, and so does what
    ///   limits all sessions of the route together.
    init(of route: Route, following former: RouteResources? = nil) throws(DTLSSetupError) {
        rates = former?.rates ?? SharedRates(route.rates.route)
        record = former?.record ?? RouteRecord()
        switch route.security {
        case .none: clientContext = nil
        case .dtls(let verification, let name): clientContext = try ClientContext(verification, serverName: name)
        }
    }
}

/// Every route's, and those of routes that were taken out while sessions of theirs go on.
struct RoutesInUse {
    private struct Entry {
        /// As it was configured, wherever its server may have moved since.
        var route: Route
        var resources: RouteResources
        /// Of it as it is and as it was.
        var sessions = 0
        var isConfigured = true
    }

    private var entries: [String: Entry] = [:]
    /// What sessions carried of routes that are gone altogether.
    private(set) var carriedByFormer = SessionCounters()

    init(_ routes: some Sequence<Route>) throws(DTLSSetupError) {
        for route in routes { entries[route.name] = Entry(route: route, resources: try RouteResources(of: route)) }
    }

    subscript(route: Route) -> RouteResources {
        guard let entry = entries[route.name] else {
            preconditionFailure("What a route's sessions have in common is there as long as one of them.")
        }
        return entry.resources
    }

    /// As it was configured; nil where it is not.
    func configured(_ name: String) -> Route? {
        entries[name].flatMap { $0.isConfigured ? $0.route : nil }
    }

    /// Those that were taken out and still have sessions.
    var former: [Route] {
        entries.values.filter { !$0.isConfigured }.map(\.route)
    }

    mutating func beginSession(of route: Route) -> RouteResources {
        entries[route.name]?.sessions += 1
        return self[route]
    }

    mutating func noteEnd(of route: Route) {
        entries[route.name]?.sessions -= 1
        removeIfUnused(route.name)
    }

    /// The same with these routes configured and no others, or why that cannot be. Nothing changes for sessions before it
    /// is taken into use.
    func replaced(by routes: some Collection<Route>) throws(DTLSSetupError) -> RoutesInUse {
        var result = self
        for name in entries.keys { result.entries[name]?.isConfigured = false }
        for route in routes {
            var entry = entries[route.name]
            if entry?.route != route {
                let resources = try RouteResources(of: route, following: entry?.resources)
                entry = Entry(route: route, resources: resources, sessions: entry?.sessions ?? 0)
            }
            entry?.isConfigured = true
            result.entries[route.name] = entry
        }
        for name in entries.keys { result.removeIfUnused(name) }
        return result
    }

    /// Begins to be what is in use: what limits all sessions of a route together is what the route says, and nothing is
    /// known of servers that are others.
    func take(over former: RoutesInUse) {
        for (name, entry) in entries where entry.isConfigured {
            entry.resources.rates.change(to: entry.route.rates.route)
            guard let old = former.entries[name]?.route, old.servers != entry.route.servers else { continue }
            entry.resources.record.serverTookLastPlayer = nil
        }
    }

    private mutating func removeIfUnused(_ name: String) {
        guard let entry = entries[name], !entry.isConfigured, entry.sessions == 0 else { return }
        carriedByFormer.add(entry.resources.record.counters.carried)
        entries[name] = nil
    }
}
