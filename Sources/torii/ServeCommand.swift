import ArgumentParser
import Configuration
import Discovery

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the gateway in front of your game servers.",
        discussion: """
            Example:
              torii serve --route world=enet://127.0.0.1:7777

            A page then joins by POST http://THIS-HOST:8080/join/world with its WebRTC offer.
            """)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        do {
            let sources = try options.sources()
            let identity = sources.path.flatMap { FileIdentity(path: $0) }
            let settings = try sources.read()
            try settings.requireRoutes(in: sources.path)
            let resolved = try GatewaySettings(resolving: settings)
            let rereading = RunningGateway.Rereading(
                sources: sources, settings: settings, resolved: resolved, identity: identity)
            let gateway = try await RunningGateway.start(
                resolved, site: nil, rereading: sources.path == nil ? nil : rereading)
            await gateway.runUntilSignalled()
        } catch {
            throw Failure(error).report()
        }
    }
}
