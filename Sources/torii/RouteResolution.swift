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
        let place = try ServerPlace(checking: ServerTarget(definition).address(), by: definition.path)
        var route = Route(name: definition.name, profile: definition.profile, server: place.server)
        route.path = definition.path
        route.rates = definition.rates
        route.enet.compression = definition.compression
        route.linkMTU = place.linkMTU
        route.channelCount = definition.channelCount ?? route.channelCount
        route.connectData = definition.connectData ?? route.connectData
        return route
    }
}

extension ServerTarget {
    init(_ definition: RouteDefinition) {
        self.init(
            host: definition.server.host, port: definition.server.port, mayBePrivate: definition.mayBePrivate)
    }
}
