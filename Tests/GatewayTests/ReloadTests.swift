import Bridge
import Primitives
import SimulationSupport
import Testing

@testable import Gateway

extension GatewayCoreTests {
    private static let second = TransportAddress(ipv4: 0xC633_6403, port: 7777)

    private static func reload(
        _ world: SimulatedWorld, _ change: (inout GatewayConfiguration) -> Void
    ) throws {
        var configuration = world.core.configuration
        change(&configuration)
        try world.core.reload(configuration, at: world.now)
    }

    /// Who plays goes on where they are; who comes goes to the new server.
    @Test func aChangedRouteIsForNewSessions() throws {
        let world = try SimulatedWorld(seed: 1)
        world.addServer(at: Self.second)
        let first = try world.join(world.makeBrowser(), peerID: 5).session
        try #require(world.play([first]))
        try Self.reload(world) { $0.routes["godot"]?.servers = [RouteServer(Self.second)] }
        #expect(throws: JoinRefusal.peerIDTaken(5)) { try world.join(world.makeBrowser(), peerID: 5) }
        let second = try world.join(world.makeBrowser(), peerID: 6).session
        try #require(world.play([first, second]))
        #expect(world.core.sessions[first]?.destination.address == SimulatedWorld.serverAddress)
        #expect(world.core.sessions[second]?.destination.address == Self.second)
        let metrics = try #require(world.metrics.routes.first { $0.name == "godot" })
        #expect(metrics.counters.joins == 2 && metrics.sessions[.playing] == 2)
    }

    /// It takes no more players; those it has stay, and are counted until the last is gone.
    @Test func aRemovedRouteKeepsItsSessions() throws {
        let world = try SimulatedWorld(seed: 1)
        let id = try world.join(world.makeBrowser(), peerID: 5).session
        try #require(world.play([id]))
        try Self.reload(world) { $0.routes["godot"] = nil }
        #expect(throws: JoinRefusal.routeUnknown("godot")) { try world.join(world.makeBrowser()) }
        world.run(for: .seconds(30))
        #expect(world.core.status(of: id) == .playing)
        #expect(world.metrics.routes.first { $0.name == "godot" }?.sessions[.playing] == 1)
        _ = world.ask { core, now in core.leave(id, at: now) }
        world.run(for: .seconds(10))
        #expect(world.core.sessionCount == 0)
        #expect(!world.metrics.routes.contains { $0.name == "godot" })
        #expect(world.core.peerIDs["godot"] == nil)
        try Self.reload(world) { $0.routes["godot"] = Route(name: "godot", profile: .godot4, server: Self.second) }
        try world.join(world.makeBrowser(), peerID: 5)
    }

    @Test func limitsHoldAtOnce() throws {
        let world = try SimulatedWorld(seed: 1)
        let sessions = try (0..<2).map { _ in try world.join(world.makeBrowser()).session }
        try Self.reload(world) { $0.sessionLimit = 1 }
        #expect(throws: JoinRefusal.full) { try world.join(world.makeBrowser()) }
        try #require(world.play(sessions))
        let source = TransportAddress(ipv4: 0xCB00_71FE, port: 1)
        try Self.reload(world) {
            $0.sessionLimit = 9
            $0.joinLimitPerSource = 1
        }
        try world.join(world.makeBrowser(), from: source)
        #expect(throws: JoinRefusal.tooManyJoins) { try world.join(world.makeBrowser(), from: source) }
    }

    /// A name that led elsewhere since the start still does, unless the route itself is another.
    @Test func aServerThatMovedStaysWhereItIs() throws {
        let world = try SimulatedWorld(seed: 1)
        let told = world.core.configuration
        world.core.moveServer(of: "godot", to: Self.second, linkMTU: 1400, at: world.now)
        try world.core.reload(told, at: world.now)
        #expect(world.core.configuration.routes["godot"]?.servers.first?.address == Self.second)
        var other = told
        other.routes["godot"]?.channelCount = 7
        try world.core.reload(other, at: world.now)
        #expect(world.core.configuration.routes["godot"]?.servers.first?.address == SimulatedWorld.serverAddress)
    }

    /// A limit for all of a route is one limit, however often it is changed; one that is not is as used up as before.
    @Test func theRoutesOwnLimitIsForAllItsSessions() throws {
        let world = try SimulatedWorld(seed: 1) { $0.routes["godot"]?.rates.route.toServer = RateLimit(messages: 3) }
        let id = try world.join(world.makeBrowser()).session
        var rate = try #require(world.core.sessions[id]?.rateToServer)
        for _ in 0..<4 where rate.allows(bytes: 1, isReliable: false, at: world.now) { rate.take(bytes: 1) }
        var isAllowed = rate.allows(bytes: 1, isReliable: false, at: world.now)
        #expect(!isAllowed)
        try Self.reload(world) { $0.routes["godot"]?.rates.session.toServer = RateLimit(messages: 9) }
        isAllowed = rate.allows(bytes: 1, isReliable: false, at: world.now)
        #expect(!isAllowed)
        try Self.reload(world) { $0.routes["godot"]?.rates.route.toServer = RateLimit(messages: 100) }
        isAllowed = rate.allows(bytes: 1, isReliable: false, at: world.now)
        #expect(isAllowed)
    }

    /// The same of an address and of the gateway, for sessions that are there, too; without a limit nothing is kept.
    @Test(arguments: [\OverallRates.source, \.gateway] as [WritableKeyPath<OverallRates, TrafficLimits> & Sendable])
    func overallLimitsAreNewForThoseWhoPlay(limits: WritableKeyPath<OverallRates, TrafficLimits> & Sendable) throws {
        let world = try SimulatedWorld(seed: 1)
        let source = TransportAddress(ipv4: 0xCB00_71FE, port: 1)
        let ids = try (0..<2).map { _ in try world.join(world.makeBrowser(), from: source).session }
        #expect(world.core.overall.rates(of: source.with(port: 0)) == nil)
        /// How many of ten messages may cross.
        func crossing(_ id: SessionID) throws -> Int {
            let session = try #require(world.core.sessions[id])
            return (0..<10).count { _ in
                let isAllowed = session.rateToServer.allows(bytes: 1, isReliable: false, at: world.now)
                if isAllowed { session.rateToServer.take(bytes: 1) }
                return isAllowed
            }
        }
        #expect(try crossing(ids[0]) == 10)
        try Self.reload(world) { $0.rates[keyPath: limits].toServer = RateLimit(messages: 3) }
        #expect(try crossing(ids[0]) == 3)
        // What stays as it was is as used up as before.
        try Self.reload(world) { $0.rates[keyPath: limits].toBrowser = RateLimit(messages: 7) }
        #expect(try crossing(ids[1]) == 0)
        try Self.reload(world) { $0.rates[keyPath: limits].toServer = RateLimit(messages: 5) }
        #expect(try crossing(ids[1]) == 5)
        try Self.reload(world) { $0.rates = OverallRates() }
        #expect(try crossing(ids[0]) == 10)
        #expect(world.core.overall.rates(of: source.with(port: 0)) == nil)
    }
}
