import ArgumentParser
import Configuration
import DataPlane
import Gateway
import Glibc

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the gateway in front of your game servers.",
        discussion: """
            Example:
              torii serve --route world=enet://127.0.0.1:7777

            A page then joins by POST http://THIS-HOST:8080/join/world with its WebRTC offer.
            """)

    @OptionGroup var options: GatewayOptions

    @Option(
        help: ArgumentHelp(
            "A game server players can join, under a name; may be repeated. The port is 7777 unless given; of a udp:// "
                + "server it must be. "
                + "Options: " + RouteOption.allCases.map { "\($0.form): \($0.sentence)" }.joined(separator: " "),
            valueName: "name=scheme://host:port[?options]"))
    var route: [String] = []

    func run() async throws {
        do {
            try await serve()
        } catch {
            throw Failure(error).report()
        }
    }

    private func serve() async throws {
        guard !route.isEmpty else {
            throw Failure.usage("there is no --route; name a game server, like --route world=enet://127.0.0.1:7777.")
        }
        let definitions = try RouteDefinition.all(route)
        var settings = try options.settings(
            routes: try definitions.map(Self.route), drainTimeout: DrainOptions.serveTimeout)
        settings.dataPlane.servers = Dictionary(
            uniqueKeysWithValues: definitions.map { ($0.name, Self.target(of: $0)) })
        let gateway = try await RunningGateway.start(settings, site: nil)
        await gateway.runUntilSignalled()
    }

    /// Reads the files it names, looks its server up and tries the way there.
    private static func route(_ definition: RouteDefinition) throws -> Route {
        let place = try ServerPlace(checking: target(of: definition).address(), by: definition.path)
        var route = Route(name: definition.name, profile: definition.profile, server: place.server)
        route.path = definition.path
        route.rates = definition.rates
        route.enet.compression = definition.compression
        route.linkMTU = place.linkMTU
        if let rule = definition.certificate {
            route.security = .dtls(try rule.verification(route: definition.name), name: rule.serverName)
        }
        route.channelCount = definition.channelCount ?? route.channelCount
        route.connectData = definition.connectData ?? route.connectData
        return route
    }

    private static func target(of definition: RouteDefinition) -> ServerTarget {
        ServerTarget(
            host: definition.server.host, port: definition.server.port, mayBePrivate: definition.mayBePrivate)
    }
}
