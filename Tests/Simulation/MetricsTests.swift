import ENet
import Gateway
import Primitives
import SCTP
import SDP
import SimulationSupport
import Testing

/// What metrics say is what happened. That everything is counted is checked of every random play (MetricsCheck.swift).
@Suite(.onTheSCTPStack) struct MetricsTests {
    private func route(_ name: String, in world: SimulatedWorld) throws -> RouteMetrics {
        try #require(world.metrics.routes.first { $0.name == name })
    }

    /// Also while the sessions live.
    @Test func messagesAreCountedByKindAndDirection() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser(channels: Lane.labelledChannels(isClient: true))
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        let player = Traffic(browser: browser, session: session, peerID: 0, lanes: Lane.labelled(isClient: true))
        for round in 1...5 {
            for lane in player.lanes.indices {
                player.sendToServer(lane: lane, size: 100 * (lane + 1))
                if lane < round { player.sendToBrowser(lane: lane, size: 10 * (lane + 1), from: world.server) }
            }
            world.run(for: 300)
        }
        player.collect(from: world.server)
        let carried = try route("plain", in: world).counters.carried
        // Lanes 0, 3 and 4 are reliable, 1 is sequenced, 2 is not.
        #expect(carried.toServer.reliable == MessageCounters.Tally(messages: 15, bytes: 5 * (100 + 400 + 500)))
        #expect(carried.toServer.unreliableSequenced == MessageCounters.Tally(messages: 5, bytes: 5 * 200))
        #expect(carried.toServer.unsequenced == MessageCounters.Tally(messages: 5, bytes: 5 * 300))
        #expect(carried.toBrowser.reliable == MessageCounters.Tally(messages: 8, bytes: 5 * 10 + 2 * 40 + 50))
        #expect(carried.toBrowser.unreliableSequenced == MessageCounters.Tally(messages: 4, bytes: 4 * 20))
        #expect(carried.toBrowser.unsequenced == MessageCounters.Tally(messages: 3, bytes: 3 * 30))
        #expect(player.toServer.map(\.received) == [5, 5, 5, 5, 5])
        #expect(player.toBrowser.map(\.received) == [5, 4, 3, 2, 1])
        #expect(try route("godot", in: world).counters.carried == SessionCounters())
    }

    /// A burst that the browser's side cannot take: what the server sent is delivered, dropped for a reason, or waits.
    @Test func whatComesInIsDeliveredDroppedOrWaits() throws {
        let world = try SimulatedWorld(seed: 4)
        world.server.behaviour = .listens
        let browser = try world.makeBrowser(channels: [
            .init(0, label: "0", ordered: false, limit: .retransmissions(0)), .init(2, label: "1"),
        ])
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        world.run(for: 100)
        var link = LinkConditions(delay: 200)
        link.loss = 50
        world.network.links[browser.address.host] = link
        let player = try #require(world.server.player(0))
        var sent: UInt64 = 0
        for _ in 0..<60 {
            for _ in 0..<4 {
                let bytes = [UInt8](repeating: 7, count: 1_100)
                if world.server.send(bytes, channel: 0, .unsequenced, to: player) == .queued { sent += 1 }
            }
            world.run(for: 10)
        }
        let during = try route("plain", in: world)
        #expect(during.queues[.browserUnreliable]?.bytes ?? 0 > 0)
        #expect(during.queues[.browserUnreliable]?.bytes == during.queues[.browserUnreliable]?.most)
        world.run(for: 5_000)
        let after = try route("plain", in: world)
        let drops = after.counters.carried.drops
        #expect(drops[.messageStale] + drops[.messageQueueFull] > 0)
        #expect(after.counters.carried.messagesToBrowser + drops.total == sent)
        #expect(after.queues[.browserUnreliable] == QueueDepth())
        // Of those that were delivered to SCTP the network lost some, once.
        let lost = after.counters.carried.messagesToBrowser - UInt64(browser.received.count)
        #expect(lost > 0)
        // Some are given up that only took long.
        #expect(after.counters.abandonedChunks >= lost)
    }

    /// The phases of one session together are the time until it plays, and each is as long as the network makes it.
    @Test(arguments: [false, true]) func eachPhaseOfTheSetupTakesItsTime(offersSNAP: Bool) throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser(offersSNAP: offersSNAP)
        world.network.links[browser.address.host] = LinkConditions(delay: 40)
        world.network.links[SimulatedWorld.serverAddress.host] = LinkConditions(delay: 15)
        let joined = world.now
        let session = try world.join(browser).session
        #expect(try route("godot", in: world).sessions == [.joining: 1])
        #expect(world.run(for: 5_000) { $0.core.status(of: session) == .connecting })
        #expect(try route("godot", in: world).sessions == [.connecting: 1])
        try #require(world.play([session]))
        let metrics = try route("godot", in: world)
        #expect(metrics.sessions == [.playing: 1])
        #expect(metrics.counters.joins == 1)
        func milliseconds(_ phase: SetupPhase) -> UInt64 { (metrics.counters.setup[phase]?.sum ?? 0) / 1_000_000 }
        let phases = [SetupPhase.ice, .dtls, .sctp, .enet]
        #expect(phases.map { metrics.counters.setup[$0]?.count } == [1, 1, 1, 1])
        #expect(phases.reduce(0) { $0 + milliseconds($1) } / 10 == world.now.since(joined).whole / 10)
        #expect(milliseconds(.ice) >= 40)
        #expect(milliseconds(.dtls) >= 80)
        #expect(offersSNAP ? milliseconds(.sctp) == 0 : milliseconds(.sctp) >= 40)
        // CONNECT, its answer, and the acknowledgement of a ping.
        #expect((60...70).contains(milliseconds(.enet)))
    }

    @Test func roundTripsAndLossAreNotedPerLeg() throws {
        let world = try SimulatedWorld(seed: 2)
        let browser = try world.makeBrowser()
        world.network.links[browser.address.host] = LinkConditions(delay: 40)
        var link = LinkConditions(delay: 15)
        link.loss = 200
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        world.network.links[SimulatedWorld.serverAddress.host] = link
        for _ in 0..<600 {
            browser.send([1], stream: 1)
            world.run(for: 100)
        }
        let counters = try route("godot", in: world).counters
        // Every 5 s of 60.
        for histogram in [counters.browserRoundTrip, counters.serverRoundTrip, counters.serverLoss] {
            #expect((11...13).contains(histogram.count))
        }
        // There and back, and up to 40 ms that an acknowledgement may wait.
        #expect((80_000_000...121_000_000).contains(counters.browserRoundTrip.sum / counters.browserRoundTrip.count))
        // It begins at nothing, and what is sent again says nothing of the way.
        #expect((15_000_000...60_000_000).contains(counters.serverRoundTrip.sum / counters.serverRoundTrip.count))
        #expect(counters.serverLoss.sum > 0)
        #expect(world.metrics.sctp.chunksReceived > 0)
    }

    @Test func aServerIsUpOrNot() throws {
        let world = try SimulatedWorld(seed: 1)
        #expect(try route("godot", in: world).isServerUp == nil)
        let first = try world.join(try world.makeBrowser()).session
        try #require(world.play([first]))
        #expect(try route("godot", in: world).isServerUp == true)
        world.server.isGone = true
        _ = try world.join(try world.makeBrowser(), route: "plain")
        world.run(for: 7_000)
        // The one who plays has not noticed yet, the other has.
        #expect(try route("plain", in: world).isServerUp == false)
        world.run(for: 20_000)
        #expect(try route("godot", in: world).isServerUp == false)
        #expect(try route("godot", in: world).counters.ends == [.serverVanished: 1])
        #expect(try route("plain", in: world).counters.ends == [.serverNotThere: 1])
    }

    @Test func refusalsAndStrangersAreCounted() throws {
        let world = try SimulatedWorld(seed: 1) { $0.sessionLimit = 1 }
        #expect(throws: JoinRefusal.self) { try world.join(try world.makeBrowser(), route: "a\"\n{}") }
        try world.join(try world.makeBrowser())
        for _ in 0..<2 { #expect(throws: JoinRefusal.full) { try world.join(try world.makeBrowser()) } }
        world.inject([20, 1, 2], from: TransportAddress(ipv4: 0xC000_0299, port: 1))
        let metrics = world.metrics
        #expect(metrics.refusals == [.routeUnknown: 1, .full: 2])
        #expect(metrics.strayDrops[.datagramFromStranger] == 1)
        // What a stranger asks for is no route of ours.
        #expect(metrics.routes.map(\.name) == ["godot", "plain", "raw"])
        #expect(metrics.sessionLimit == 1)
    }

    @Test func aRouteSaysHowItsServerIsVerified() throws {
        var routes = ["a", "b", "c"].map { Route(name: $0, profile: .godot4, server: SimulatedWorld.serverAddress) }
        routes[1].security = .dtls(.none, name: "x.example")
        routes[2].security = try SecuredFront().security
        let metrics = try SimulatedWorld(seed: 1, routes: routes).metrics
        #expect(metrics.routes.map(\.isUnverified) == [false, true, false])
        #expect(metrics.routes.map(\.scheme) == ["enet", "enets", "enets"])
    }
}
