import Primitives
import SimulationSupport
import Testing

@testable import Gateway

/// A route with several servers, with players in the simulated network.
extension GatewayCoreTests {
    private static let other = TransportAddress(ipv4: 0xC633_6403, port: 7777)

    private static func pooled(_ change: (inout PoolRules) -> Void = { _ in }) throws -> SimulatedWorld {
        let world = try SimulatedWorld(seed: 1) { configuration in
            configuration.routes["godot"]?.servers = [
                RouteServer(SimulatedWorld.serverAddress, name: "one"), RouteServer(other, name: "two"),
            ]
            change(&configuration.routes["godot"]!.pool)
        }
        world.addServer(at: other)
        return world
    }

    private static func states(_ world: SimulatedWorld) -> [String] {
        let route = world.metrics.routes.first { $0.name == "godot" }
        return route?.servers.map { "\($0.label) \($0.state) \($0.sessions)" } ?? []
    }

    @Test func playersAreSpreadOverTheServers() throws {
        let world = try Self.pooled()
        let sessions = try (0..<4).map { _ in try world.join(world.makeBrowser()).session }
        try #require(world.play(sessions))
        #expect(world.servers[Self.other]?.players.count == 2 && world.server.players.count == 2)
        #expect(Self.states(world) == ["one up 2", "two up 2"])
        // A refused join takes no place.
        #expect(throws: JoinRefusal.peerIDOutOfRange) { try world.join(world.makeBrowser(), peerID: 1) }
        _ = world.ask { core, now in core.leave(sessions[0], at: now) }
        world.run(for: .seconds(5))
        #expect(Self.states(world) == ["one up 1", "two up 2"])
        let told = world.events.filter { if case .joined = $0.kind { true } else { false } }
        #expect(told.map(\.server) == ["one", "two", "one", "two"])
    }

    /// Its players' sessions end, and nobody is sent there until it may be back.
    @Test func aServerThatDiesGetsNoMorePlayers() throws {
        let world = try Self.pooled { $0.ejectAfter = 2 }
        let sessions = try (0..<4).map { _ in try world.join(world.makeBrowser()).session }
        try #require(world.play(sessions))
        world.server.isGone = true
        #expect(world.run(for: .seconds(15)) { $0.core.sessionCount == 2 })
        #expect(Self.states(world) == ["one ejected 0", "two up 2"])
        let late = try (0..<2).map { _ in try world.join(world.makeBrowser()).session }
        try #require(world.play(late))
        #expect(Self.states(world) == ["one ejected 0", "two up 4"])
        #expect(world.metrics.routes.first { $0.name == "godot" }?.ejections == 1)
        world.server.isGone = false
        world.run(for: ServerHealth.firstEjection)
        try #require(world.play([try world.join(world.makeBrowser()).session]))
        #expect(Self.states(world) == ["one up 1", "two up 4"])
    }

    @Test func whereNoServerIsThereIsAReason() throws {
        let world = try Self.pooled { $0.choice = .any }
        world.ask { core, now in
            core.probed(Self.other, on: "godot", isAnswered: false, at: now)
        }
        #expect(throws: JoinRefusal.noServer(.chosenIsDown)) {
            try world.join(world.makeBrowser(), peerID: 9, wish: ServerWish(server: "two"))
        }
        // Nothing is left of a join that was refused.
        #expect(world.core.peerIDs["godot"]?.count == 0 && world.core.ports.count == 0)
        try world.join(world.makeBrowser(), peerID: 9, wish: ServerWish(server: "one"))
        world.ask { core, now in
            core.probed(SimulatedWorld.serverAddress, on: "godot", isAnswered: false, at: now)
        }
        #expect(throws: JoinRefusal.noServer(.noneHealthy)) { try world.join(world.makeBrowser()) }
        #expect(world.metrics.refusals[.noServerHealthy] == 2)
    }

    /// What was found is used; who plays on a server that is not found any more goes on.
    @Test func discoveredServersComeAndGo() throws {
        let world = try SimulatedWorld(seed: 1) {
            $0.routes["godot"]?.servers = []
            $0.routes["godot"]?.pool.source = "enet+dns://game.example"
        }
        world.addServer(at: Self.other)
        #expect(throws: JoinRefusal.noServer(.noneKnown)) { try world.join(world.makeBrowser()) }
        func find(_ addresses: [TransportAddress], by source: String = "enet+dns://game.example") {
            world.ask { $0.discovered(addresses.map { RouteServer($0) }, on: "godot", by: source, at: $1) }
        }
        find([SimulatedWorld.serverAddress])
        let first = try world.join(world.makeBrowser()).session
        try #require(world.play([first]))
        find([Self.other])
        // By a source that the route had before a reload.
        find([SimulatedWorld.serverAddress], by: "enet+dns://former.example")
        let second = try world.join(world.makeBrowser()).session
        try #require(world.play([first, second]))
        #expect(world.core.sessions[second]?.destination.address == Self.other)
        #expect(world.core.status(of: first) == .playing)
        // A reload that leaves the source alone leaves what it found.
        var configuration = world.core.configuration
        configuration.routes["godot"]?.servers = []
        configuration.routes["godot"]?.channelCount = 9
        try world.core.reload(configuration, at: world.now)
        #expect(Self.states(world) == ["198.51.100.3:7777 up 1"])
        configuration.routes["godot"]?.pool.source = "enet+dns://other.example"
        try world.core.reload(configuration, at: world.now)
        #expect(Self.states(world) == [])
        #expect(world.core.status(of: second) == .playing)
    }

    /// The list is another; those who play stay, and are counted where they are.
    @Test func aReloadChangesTheServersAndNotTheSessions() throws {
        let world = try Self.pooled { $0.ejectAfter = 1 }
        let sessions = try (0..<2).map { _ in try world.join(world.makeBrowser()).session }
        try #require(world.play(sessions))
        var configuration = world.core.configuration
        configuration.routes["godot"]?.servers.remove(at: 0)
        try world.core.reload(configuration, at: world.now)
        #expect(Self.states(world) == ["two up 1"])
        configuration.routes["godot"] = nil
        try world.core.reload(configuration, at: world.now)
        #expect(world.core.pools["godot"] == nil)
        configuration.routes["godot"] = Route(name: "godot", profile: .godot4, server: SimulatedWorld.serverAddress)
        try world.core.reload(configuration, at: world.now)
        #expect(Self.states(world) == ["198.51.100.1:7777 up 1"])
        world.run(for: .seconds(3))
        #expect(sessions.allSatisfy { world.core.status(of: $0) == .playing })
        for session in sessions { _ = world.ask { core, now in core.leave(session, at: now) } }
        world.run(for: .seconds(5))
        #expect(Self.states(world) == ["198.51.100.1:7777 up 0"])
    }

    @Test func theRequestsAddressIsTheKey() throws {
        let world = try Self.pooled { $0.balance = .hash }
        let addresses = (0..<16).map { TransportAddress(ipv4: 0xCB00_7200 + $0, port: 1) }
        func servers(port: UInt16) throws -> [String] {
            try addresses.map { address in
                let id = try world.join(world.makeBrowser(), from: address.with(port: port)).session
                return try #require(world.core.sessions[id]?.destination.label)
            }
        }
        let labels = try servers(port: 1)
        #expect(Set(labels) == ["one", "two"])
        #expect(try servers(port: 2) == labels)
    }
}
