import ENet
import Primitives
import SimulationSupport
import Testing

@testable import Gateway

/// What an address's players, and all players, may carry together in a second.
@Suite(.onTheSCTPStack) struct OverallRateTests {
    private static let source = TransportAddress(ipv4: 0xCB00_71FE, port: 1)
    private static let other = TransportAddress(ipv4: 0xCB00_71FD, port: 1)

    /// Players by id, each from a source, who are in.
    private struct Players {
        let world: SimulatedWorld
        let browsers: [SimulatedBrowser]
        let sessions: [SessionID]
        static let first = 10

        init(
            from sources: [TransportAddress?], routes: [String] = ["godot"],
            _ limits: (inout OverallRates) -> Void
        ) throws {
            let world = try SimulatedWorld(
                seed: 11, routes: routes.map { Route(name: $0, profile: .godot4, server: SimulatedWorld.serverAddress) }
            ) { limits(&$0.rates) }
            world.watch()
            world.server.behaviour = .listens
            let browsers = try sources.map { _ in try world.makeBrowser() }
            sessions = try sources.indices.map { index in
                try world.join(
                    browsers[index], route: routes[index % routes.count], peerID: UInt32(Self.first + index),
                    from: sources[index]
                ).session
            }
            (self.world, self.browsers) = (world, browsers)
            try #require(world.play(sessions))
        }

        /// Each sends and gets state a hundred times a second, for four seconds.
        func play() throws {
            for number in 0..<400 {
                for (index, browser) in browsers.enumerated() {
                    browser.send(word(number), stream: 3, unordered: true)
                    let player = try #require(world.server.player(UInt32(Self.first + index)))
                    world.server.send(word(number), channel: 1, .unsequenced, to: player)
                }
                world.run(for: 10)
            }
            world.run(for: 500)
        }

        /// What has arrived of each player at the server.
        var atServer: [Int] { browsers.indices.map { (world.server.received[UInt32(Self.first + $0)] ?? []).count } }
        /// Of the first two together.
        var sum: Int { atServer[0] + atServer[1] }
        /// What has arrived at each page.
        var atPage: [Int] { browsers.map(\.received.count) }
    }

    /// Four seconds and the burst, of 1,600.
    private static let fourSecondsOfHundred = 480...520

    @Test func theSessionsOfOneAddressShareItsLimits() throws {
        let sources = [Self.source, Self.source.with(port: 9), Self.other, nil]
        let players = try Players(from: sources) {
            $0.source.toServer = RateLimit(messages: 100)
            $0.source.toBrowser = RateLimit(bytes: 400)
        }
        try players.play()
        for (arrived, direction) in [(players.atServer, "to server"), (players.atPage, "to browser")] {
            #expect(Self.fourSecondsOfHundred.contains(arrived[0] + arrived[1]), "\(direction): \(arrived)")
            // One who is alone at an address has all of it, and whom nobody counts no limit.
            #expect((390...400).contains(arrived[2]) && arrived[3] == 400, "\(direction): \(arrived)")
        }
        for browser in players.browsers { browser.close() }
        players.world.run(for: 10_000) { $0.core.sessionCount == 0 }
        let drops = try players.sessions.map { try #require(players.world.counters(of: $0)).drops }
        #expect(drops[0][.messageRateExceeded] + drops[1][.messageRateExceeded] == 800 - UInt64(players.sum))
        #expect(drops[0][.messageStale] + drops[1][.messageStale] > 0)
        #expect(drops[3][.messageRateExceeded] == 0 && drops[3][.messageStale] == 0)
        #expect(players.world.core.overall.sourceCount == 0)
    }

    @Test func theSessionsOfAllRoutesShareTheGatewaysLimits() throws {
        let players = try Players(from: [nil, Self.source, Self.other, nil], routes: ["a", "b"]) {
            $0.gateway.toServer = RateLimit(messages: 100)
            $0.gateway.toBrowser = RateLimit(bytes: 400)
        }
        try players.play()
        for arrived in [players.atServer, players.atPage] {
            #expect(Self.fourSecondsOfHundred.contains(arrived.reduce(0, +)), "\(arrived)")
        }
    }

    /// A transfer that fills an address's limit leaves room for another one's state there, and loses nothing.
    @Test func aTransferLeavesRoomForTheStateOfAnother() throws {
        let players = try Players(from: [Self.source, Self.source]) { $0.source.toServer = RateLimit(messages: 40) }
        for _ in 0..<250 { players.browsers[0].send([UInt8](repeating: 7, count: 200), stream: 1) }
        for number in 0..<100 {
            players.browsers[1].send(word(number), stream: 3, unordered: true)
            players.world.run(for: 50)
        }
        #expect(players.atServer[1] == 100)
        players.world.run(for: 60_000) { _ in players.atServer[0] == 250 }
        #expect(players.atServer[0] == 250)
    }

    /// State that alone would fill the gateway's limit leaves its fair part to another's reliable messages.
    @Test func stateLeavesRoomForTheTransferOfAnother() throws {
        let players = try Players(from: [nil, nil]) { $0.gateway.toServer = RateLimit(messages: 20) }
        for number in 0..<1_000 {
            if number.isMultiple(of: 50) { players.browsers[0].send(word(number), stream: 1) }
            players.browsers[1].send(word(number), stream: 3, unordered: true)
            players.world.run(for: 10)
        }
        #expect(players.atServer[0] == 20, "\(players.atServer)")
        #expect(players.atServer[1] > 170, "\(players.atServer)")
    }

    /// The address that asked to join is whose session it is: a page that moves elsewhere takes what is used up along.
    @Test func aSessionThatMovesKeepsItsShare() throws {
        let players = try Players(from: [Self.source, Self.source]) { $0.source.toServer = RateLimit(messages: 100) }
        players.world.rebind(players.browsers[0])
        try players.play()
        #expect(Self.fourSecondsOfHundred.contains(players.sum), "\(players.atServer)")
        #expect(players.world.core.overall.sourceCount == 1)
    }
}

private func word(_ number: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
}
