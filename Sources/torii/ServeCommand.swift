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
        let settings = try options.settings(routes: try Self.routes(route))
        let gateway = try await RunningGateway.start(settings, site: nil)
        await gateway.runUntilSignalled()
    }

    /// Reads `--route`s and looks their servers up.
    private static func routes(_ texts: [String]) throws -> [Route] {
        guard !texts.isEmpty else {
            throw Failure.usage("there is no --route; name a game server, like --route world=enet://127.0.0.1:7777.")
        }
        return try RouteDefinition.all(texts).map { definition in
            var route = Route(
                name: definition.name, profile: definition.profile,
                server: try HostLookup.address(host: definition.server.host, port: definition.server.port))
            route.channelCount = definition.channelCount ?? route.channelCount
            route.connectData = definition.connectData ?? route.connectData
            return route
        }
    }
}
