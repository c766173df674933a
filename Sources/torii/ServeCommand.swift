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
            let identity = FileIdentity.all([sources.path].compactMap(\.self))
            let settings = try sources.read()
            try settings.requireRoutes(in: sources.path)
            let resolved = try GatewaySettings(resolving: settings)
            let named = FileIdentity.all(settings.files)
            let rereading = RunningGateway.Rereading(
                sources: sources, settings: settings, resolved: resolved,
                identities: identity.flatMap { identity in named.map { identity + $0 } })
            let gateway = try await RunningGateway.start(
                resolved, site: nil, rereading: sources.files(settings).isEmpty ? nil : rereading)
            await gateway.runUntilSignalled()
        } catch {
            throw Failure(error).report()
        }
    }
}
