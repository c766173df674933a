import DTLS

/// The DTLS contexts of the routes that have DTLS to their server, each made once.
struct ClientContexts {
    private let contexts: [String: ClientContext]

    init(for routes: some Sequence<Route>) throws(DTLSSetupError) {
        var contexts: [String: ClientContext] = [:]
        for route in routes {
            guard case .dtls(let verification, let name) = route.security else { continue }
            contexts[route.name] = try ClientContext(verification, serverName: name)
        }
        self.contexts = contexts
    }

    /// Nil for a route without DTLS, and only for such.
    subscript(route: Route) -> ClientContext? {
        guard route.security != .none else { return nil }
        guard let context = contexts[route.name] else {
            preconditionFailure("The DTLS context of every route is made at the start.")
        }
        return context
    }
}
