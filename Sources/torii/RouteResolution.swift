import Configuration
import DataPlane
import Gateway

extension Route {
    /// Reads the files it names, looks its server up and tries the way there.
    ///
    /// - Parameter known: the same route as it was resolved before, with a server that need not be looked up.
    init(resolving configured: ConfiguredRoute, known: Route? = nil) throws {
        let definition = configured.definition
        if let known {
            self = known
        } else {
            do {
                self = try Self.located(definition)
            } catch {
                guard configured.written.isInFile else { throw error }
                throw Failure(error).at(configured.written.place)
            }
        }
        if let verification = try configured.verification() {
            security = .dtls(verification.rule, name: verification.serverName)
        }
    }

    private static func located(_ definition: RouteDefinition) throws -> Route {
        let servers = try zip(definition.servers, ServerTarget.all(of: definition)).map { listed, target in
            let place = try ServerPlace(checking: target.address(), by: definition.path)
            var server = RouteServer(place.server, linkMTU: place.linkMTU)
            server.take(listed.properties)
            return server
        }
        var route = Route(name: definition.name, profile: definition.profile, servers: servers)
        route.pool = definition.pool
        route.path = definition.path
        route.rates = definition.rates
        route.enet.compression = definition.compression
        route.channelCount = definition.channelCount ?? route.channelCount
        route.connectData = definition.connectData ?? route.connectData
        return route
    }
}

extension ServerTarget {
    /// The servers that are written in a route; none where they are discovered.
    static func all(of definition: RouteDefinition) -> [ServerTarget] {
        definition.servers.map { server in
            ServerTarget(host: server.place.host, port: server.place.port, mayBePrivate: definition.mayBePrivate)
        }
    }
}
