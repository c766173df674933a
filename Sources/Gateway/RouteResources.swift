import DTLS

/// What the sessions of one route have in common.
struct RouteResources {
    let rates: RouteRates
    let record = RouteRecord()
    /// Nil for a route without DTLS to its server, and only for such.
    let clientContext: ClientContext?

    init(of route: Route) throws(DTLSSetupError) {
        rates = RouteRates(route.rates)
        switch route.security {
        case .none: clientContext = nil
        case .dtls(let verification, let name): clientContext = try ClientContext(verification, serverName: name)
        }
    }
}

/// Every route's, made once at the start.
struct RoutesInUse {
    private let resources: [String: RouteResources]

    init(_ routes: some Sequence<Route>) throws(DTLSSetupError) {
        var resources: [String: RouteResources] = [:]
        for route in routes { resources[route.name] = try RouteResources(of: route) }
        self.resources = resources
    }

    subscript(route: Route) -> RouteResources {
        guard let resources = resources[route.name] else {
            preconditionFailure("What a route's sessions have in common is made at the start.")
        }
        return resources
    }
}
