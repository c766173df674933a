import ArgumentParser
import Configuration
import DataPlane
import DemoWorld
import Gateway
import Glibc
import Primitives
import Signaling

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run the gateway with a small game of its own: an ENet server, two native bots, and a page to join.")

    @OptionGroup var options: GatewayOptions

    @Option(
        help: ArgumentHelp(
            "The loopback UDP port of the demo's ENet game server; 0 for any free one.", valueName: "port"))
    var gamePort: UInt16 = 7777

    func run() async throws {
        do {
            try await play()
        } catch {
            throw Failure(error).report()
        }
    }

    private func play() async throws {
        let game = try DemoServer(port: gamePort)
        defer { game.stop() }
        let route = Route(name: "demo", profile: .channels, server: game.address)
        let sources = SettingsSources(
            path: nil, environment: try WrittenSettings(environment: ProcessEnvironment.settings, routes: false),
            flags: try WrittenSettings(flags: options.texts, routes: []))
        let read = try sources.read()
        var settings = try GatewaySettings(read, routes: [route])
        // Who stops a demo does not wait for its players, unless it was said how long.
        if read.written.values[.drainTimeout] == nil { settings.departure.timeout = 0 }
        settings.dataPlane.impairmentSeed = .random(in: 0 ... .max)
        let site = try StaticSite.demo(hosts: Self.hosts(of: settings.http))
        let gateway = try await RunningGateway.start(settings, site: site)
        let bots = try [("Kitsune", 1), ("Tanuki", 2)].map { name, seed in
            try DemoBot(server: game.address, name: name, seed: seed)
        }
        defer { bots.forEach { $0.stop() } }
        print(Self.welcome(gateway, game: game.address))
        fflush(nil)
        await gateway.runUntilSignalled()
    }

    /// Where other devices may find the page, as URLs have it. A name that is none of this host's is refused later, by what
    /// binds the port.
    private static func hosts(of http: HostPort) throws -> [String] {
        let bound = try HostLookup.address(host: http.host, port: http.port)
        return HostAddresses.reachable(through: bound).filter { !$0.isLoopback }.map { address in
            address.family == .ipv6 ? "[\(address.host)]" : address.host
        }
    }

    /// What a person wants to know who has just started it.
    private static func welcome(_ gateway: RunningGateway, game: TransportAddress) -> String {
        let http = gateway.http
        let pages = HostAddresses.reachable(through: http).sorted { $0.isLoopback && !$1.isLoopback }
        return """

            Torii is up. Open the page, in two tabs if you like:
            \(pages.map { "    \(gateway.scheme)://\($0)/" }.joined(separator: "\n"))

            In there already: two native ENet players on the game server at \(game).
            Any ENet client can join them there; browsers come in through UDP \(gateway.udp)\(gateway.tcp.map { ", or TCP \($0) where UDP is blocked" } ?? "").
            Ctrl-C stops everything.

            """
    }
}
