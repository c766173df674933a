import ENet
import Gateway
import Primitives
import SCTP
import SimulationSupport
import Testing

/// The delivery kind decides what waits for what.
@Suite(.onTheSCTPStack) struct QualityTests {
    /// Godot's page sends state reliably: without a rule, what was lost comes again and what waited behind it comes with
    /// it, as old as the repetition took. The game sees none that is much older than the way is long.
    @Test(arguments: [2, 3] as [UInt16]) func aLateBurstIsNotReplayed(stream: UInt16) throws {
        let world = try SimulatedWorld(seed: 9)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        var link = LinkConditions(delay: 60)
        link.loss = 30
        world.network.links[browser.address.host] = link
        var sentAt: [Instant] = []
        var oldest: Milliseconds = 0
        var taken = 0
        var received = 0
        for step in 0..<6_000 {
            if step % 3 == 0 {
                browser.send(word(sentAt.count), stream: stream, unordered: stream == 3)
                browser.send(word(sentAt.count), stream: 1)
                sentAt.append(world.now)
            }
            world.run(for: 11)
            let packets = world.server.received[42] ?? []
            for packet in packets[taken...] where packet.delivery != .reliable {
                oldest = max(oldest, world.now.since(sentAt[number(packet.bytes)]))
                received += 1
            }
            taken = packets.count
        }
        world.run(for: 10_000)
        #expect(oldest < 240, "\(oldest)")
        // 3 in 100 are lost, and a few wait behind each.
        #expect(received > sentAt.count * 4 / 5, "\(received)")
        #expect(received < sentAt.count)
        #expect((world.server.received[42] ?? []).count { $0.delivery == .reliable } == sentAt.count)
        let unreliable = (world.server.received[42] ?? []).count { $0.delivery != .reliable }
        #expect(try drops(of: session, browser, world)[.messageStale] == UInt64(sentAt.count - unreliable))
    }

    /// Reliable messages that the server does not take fast enough hold up no state.
    @Test func stateDoesNotWaitBehindAReliableBacklog() throws {
        let world = try SimulatedWorld(seed: 3)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser(channels: [
            .init(0, label: "0"), .init(2, label: "1", ordered: false, limit: .retransmissions(0)),
        ])
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        // ENet has a window of 64 KiB under way at once, so that this is 32 KiB a second.
        world.network.links[SimulatedWorld.serverAddress.host] = LinkConditions(delay: 1_000)
        // More than ENet's queue and half of the backlog.
        for _ in 0..<58 { browser.send([UInt8](repeating: 1, count: 10_000), stream: 0) }
        world.run(for: 500)
        for number in 0..<40 {
            browser.send(word(number), stream: 2, unordered: true, reliability: .retransmissions(0))
            world.run(for: 50)
        }
        world.run(for: 4_000)
        let state = (world.server.received[0] ?? []).count { $0.channel == 1 }
        #expect(state > 35, "\(state)")
        #expect(world.core.status(of: session) == .playing)
    }

    /// Nor does a reliable transfer to a page that takes it more slowly than the server would give it.
    @Test func stateDoesNotWaitBehindATransferToThePage() throws {
        let world = try SimulatedWorld(seed: 6)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser(channels: [
            .init(0, label: "0"), .init(2, label: "1", ordered: false, limit: .retransmissions(0)),
        ])
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        let player = try #require(world.server.player(0))
        var link = LinkConditions(delay: 50)
        link.rate = 250_000
        link.queueLength = 100
        world.network.links[browser.address.host] = link
        let piece = [UInt8](repeating: 9, count: 16 * 1024)
        var pieces = 0
        var waits: [Milliseconds] = []
        var sentAt: [Instant] = []
        var taken = 0
        for number in 0..<300 {
            sentAt.append(world.now)
            while pieces - browser.received.count(where: { $0.stream == 0 }) < 40 {
                #expect(world.server.send(piece, channel: 0, .reliable, to: player) == .queued)
                pieces += 1
            }
            world.server.send(word(number), channel: 1, .unsequenced, to: player)
            world.run(for: 50)
            for received in browser.received[taken...] where received.payload.count == 4 {
                waits.append(received.at.since(sentAt[self.number(received.payload)]))
            }
            taken = browser.received.count
        }
        try #require(waits.count > 270, "\(waits.count)")
        // The way takes 50 ms, its queue up to 100, a piece 66; a burst that overran the queue as long again and more.
        let sorted = waits.sorted()
        #expect(sorted[waits.count / 2] < 200, "\(waits.map(\.whole))")
        #expect(sorted[waits.count * 9 / 10] < 300, "\(waits.map(\.whole))")
        // The link was busy with the transfer all the time, and nothing of it is lost.
        #expect(browser.received.count { $0.stream == 0 } > 150)
        world.run(for: 60_000) { _ in browser.received.count { $0.stream == 0 } == pieces }
        #expect(browser.received.count { $0.stream == 0 && $0.payload == piece } == pieces)
        #expect(world.core.status(of: session) == .playing)
    }

    /// Where the way is cut altogether, what Godot's page sent unreliably meanwhile comes after it in a burst.
    @Test(arguments: [20, 120], [600, 2_000] as [Milliseconds])
    func aBlackoutIsNotReplayed(delay: UInt64, cut: Milliseconds) throws {
        let world = try SimulatedWorld(seed: 11)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        world.network.links[browser.address.host] = LinkConditions(delay: Milliseconds(delay))
        let player = try #require(world.server.player(42))
        var sentAt: [Instant] = []
        var late = 0
        var taken = 0
        for step in 0..<800 {
            if step % 5 == 0 {
                browser.send(word(sentAt.count), stream: 2)
                browser.send(word(sentAt.count), stream: 1)
                sentAt.append(world.now)
                world.server.send(word(step), channel: 1, .unreliableSequenced, to: player)
            }
            if step == 300 { world.network.blackouts[browser.address.host] = world.now + cut }
            world.run(for: 10)
            let packets = world.server.received[42] ?? []
            for packet in packets[taken...] where packet.delivery != .reliable {
                let age = world.now.since(sentAt[number(packet.bytes)])
                late += age > Milliseconds(delay + 150) ? 1 : 0
            }
            taken = packets.count
        }
        world.run(for: 10_000)
        let received = world.server.received[42] ?? []
        #expect(late == 0, "\(late)")
        #expect(received.count { $0.delivery == .reliable } == sentAt.count)
        // The cut, what its repetition took, and no more than a second beside.
        let state = received.count { $0.delivery != .reliable }
        let lost = 50 * (UInt64(sentAt.count) - UInt64(state))
        #expect(lost >= cut.whole - 100 && lost < 2 * cut.whole + 1_500, "\(lost)")
    }

    /// A game that sends nothing for a while has not been cut off, and one that was silent in a cut soon plays on.
    @Test(arguments: [false, true]) func aPauseIsNoBlackout(cut: Bool) throws {
        let world = try SimulatedWorld(seed: 12)
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        var sent = 0
        for step in 0..<160 {
            let isPaused = (60..<100).contains(step)
            if !isPaused {
                // Several at once, as games do.
                for _ in 0..<3 { browser.send(word(step), stream: 2) }
                sent += 3
            }
            if step == 60, cut { world.network.blackouts[browser.address.host] = world.now + 2_000 }
            world.server.send(word(step), channel: 1, .unreliableSequenced, to: player)
            world.run(for: 50)
        }
        world.run(for: 5_000)
        let state = (world.server.received[42] ?? []).count
        #expect(cut ? state >= sent - 125 : state == sent, "\(sent - state)")
        #expect(cut == (state < sent))
    }

    @Test func aSessionsLimitDropsUnreliableAndHoldsUpReliable() throws {
        var route = Route(name: "limited", profile: .godot4, server: SimulatedWorld.serverAddress)
        route.rates.session.toServer = RateLimit(messages: 20)
        route.rates.session.toBrowser = RateLimit(bytes: 1000)
        let world = try SimulatedWorld(seed: 4, routes: [route])
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, route: "limited", peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        let start = world.now
        for number in 0..<200 {
            browser.send(word(number), stream: 1)
            browser.send(word(number), stream: 3, unordered: true)
            world.server.send([UInt8](repeating: 7, count: 100), channel: 0, .reliable, to: player)
            world.run(for: 10)
        }
        let soon = (world.server.received[42] ?? []).count
        #expect((50...65).contains(soon), "\(soon)")  // a second's worth, and two seconds'
        world.run(for: 60_000) { $0.server.received[42]?.count { $0.delivery == .reliable } == 200 }
        // 200 messages at 20 a second, the first 20 at once, and three of four to state while there was any.
        #expect((10_500...12_000).contains(world.now.since(start).whole), "\(world.now.since(start))")
        world.run(for: 60_000) { _ in browser.received.count == 200 }
        #expect((18_500...20_000).contains(world.now.since(start).whole), "\(world.now.since(start))")
        #expect(world.core.status(of: session) == .playing)
        let numbers = (world.server.received[42] ?? []).filter { $0.delivery == .reliable }.map { number($0.bytes) }
        #expect(numbers == Array(0..<200))
        #expect(try drops(of: session, browser, world)[.messageRateExceeded] > 100)
    }

    /// A transfer that fills a limit leaves room for state within it, in either direction.
    @Test(arguments: [(RateLimit(messages: 40), 250, 200), (RateLimit(bytes: 10_000), 10, 6_000)])
    func aTransferThatFillsALimitLeavesRoomForState(limit: RateLimit, count: Int, size: Int) throws {
        var route = Route(name: "limited", profile: .godot4, server: SimulatedWorld.serverAddress)
        route.rates.session.toServer = limit
        route.rates.route.toBrowser = limit
        let world = try SimulatedWorld(seed: 6, routes: [route])
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, route: "limited", peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        let large = [UInt8](repeating: 7, count: size)
        for _ in 0..<count {
            browser.send(large, stream: 1)
            world.server.send(large, channel: 0, .reliable, to: player)
        }
        for number in 0..<100 {
            browser.send(word(number), stream: 3, unordered: true)
            world.server.send(word(number), channel: 1, .unsequenced, to: player)
            world.run(for: 50)
        }
        let arrived = world.server.received[42] ?? []
        let transferred = (arrived.count { $0.delivery == .reliable }, browser.received.count { $0.stream == 1 })
        #expect(arrived.count - transferred.0 == 100)
        #expect(browser.received.count - transferred.1 > 97)
        // The rest of the limit is the transfer's, and keeps it busy for longer than this.
        let rest = limit.messages.map { 5 * ($0 - 20) } ?? 5 * (10_000 - 20 * 4) / size
        #expect((rest - 1..<count).contains(transferred.0), "\(transferred)")
        #expect((rest - 1..<count).contains(transferred.1), "\(transferred)")
        #expect(world.core.status(of: session) == .playing)
    }

    /// What a token says of one session holds in the place of its route's, and for nobody else.
    @Test func aSessionMayHaveLimitsOfItsOwn() throws {
        var route = Route(name: "limited", profile: .godot4, server: SimulatedWorld.serverAddress)
        route.rates.session.toServer = RateLimit(messages: 20)
        let world = try SimulatedWorld(seed: 8, routes: [route])
        world.watch()
        world.server.behaviour = .listens
        var rates = TrafficLimits()
        rates.toServer.messages = 50
        let browsers = try (0..<2).map { _ in try world.makeBrowser() }
        let sessions = [
            try world.join(browsers[0], route: "limited", peerID: 42).session,
            try world.join(browsers[1], route: "limited", peerID: 43, rates: rates).session,
        ]
        try #require(world.play(sessions))
        for number in 0..<400 {
            for browser in browsers { browser.send(word(number), stream: 3, unordered: true) }
            world.run(for: 10)
        }
        world.run(for: 500)
        // Four seconds and the burst.
        let counts = [42, 43].map { (world.server.received[$0] ?? []).count }
        #expect((95...110).contains(counts[0]) && (240...260).contains(counts[1]), "\(counts)")
    }

    /// State that alone would fill a limit does not keep a reliable message from crossing.
    @Test func stateThatFillsALimitLeavesRoomForReliableMessages() throws {
        var route = Route(name: "limited", profile: .godot4, server: SimulatedWorld.serverAddress)
        route.rates.session.toServer = RateLimit(messages: 20)
        route.rates.session.toBrowser = RateLimit(messages: 20)
        let world = try SimulatedWorld(seed: 7, routes: [route])
        world.watch()
        world.server.behaviour = .listens
        let browser = try world.makeBrowser()
        let session = try world.join(browser, route: "limited", peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        for number in 0..<1_000 {
            if number.isMultiple(of: 50) {
                browser.send(word(number), stream: 1)
                world.server.send(word(number), channel: 0, .reliable, to: player)
            }
            browser.send(word(number), stream: 3, unordered: true)
            world.server.send(word(number), channel: 1, .unsequenced, to: player)
            world.run(for: 10)
        }
        // Two in a second, of the five that are theirs.
        #expect((world.server.received[42] ?? []).count { $0.delivery == .reliable } == 20)
        #expect(browser.received.count { $0.stream == 1 } == 20)
        #expect((world.server.received[42] ?? []).count > 190)
        #expect(browser.received.count > 190)
    }

    @Test func aRoutesLimitIsSharedByItsPlayers() throws {
        var route = Route(name: "limited", profile: .godot4, server: SimulatedWorld.serverAddress)
        route.rates.route.toServer = RateLimit(messages: 100)
        let world = try SimulatedWorld(
            seed: 5, routes: [route, Route(name: "free", profile: .godot4, server: SimulatedWorld.serverAddress)])
        world.watch()
        world.server.behaviour = .listens
        let browsers = try (1...5).map { _ in try world.makeBrowser() }
        for (index, browser) in browsers.enumerated() {
            let name = index < 4 ? "limited" : "free"
            let session = try world.join(browser, route: name, peerID: UInt32(10 + index)).session
            try #require(world.play([session]))
        }
        for number in 0..<400 {
            for browser in browsers { browser.send(word(number), stream: 3, unordered: true) }
            world.run(for: 10)
        }
        world.run(for: 500)
        let limited = (10..<14).reduce(0) { $0 + (world.server.received[$1] ?? []).count }
        // Four seconds and the burst, of 1,600.
        #expect((480...520).contains(limited), "\(limited)")
        #expect((world.server.received[14] ?? []).count == 400)
    }

    /// What was dropped of a session, told when it ends.
    private func drops(
        of session: SessionID, _ browser: SimulatedBrowser, _ world: SimulatedWorld
    ) throws -> DropCounters {
        browser.close()
        world.run(for: 10_000) { $0.core.sessionCount == 0 }
        return try #require(world.counters(of: session)).drops
    }

    private func word(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
    }

    private func number(_ bytes: [UInt8]) -> Int {
        Int(bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) })
    }
}
