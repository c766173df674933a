import Bridge
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// Profile `datagrams`: one data channel, and UDP as it is behind the gateway.
@Suite(.onTheSCTPStack) struct DatagramTests {
    private static let channel = SimulatedBrowser.Channel(
        0, label: "anything", ordered: false, limit: .retransmissions(0))

    private struct Player {
        let world: SimulatedWorld
        let server: SimulatedDatagramServer
        let browser: SimulatedBrowser
        let session: SessionID
        let stream: UInt16

        func send(_ bytes: [UInt8]) {
            browser.send(bytes, stream: stream, unordered: true, reliability: .retransmissions(0))
        }

        /// Where its datagrams come from at the server.
        var address: TransportAddress? { world.sockets.values.first }

        /// The page closes, and the session ends.
        func close() throws -> SessionCounters {
            browser.close()
            #expect(world.run(for: 1_000) { $0.core.sessionCount == 0 })
            world.expectNothingLeft()
            return try #require(world.counters(of: session))
        }
    }

    private func playing(
        seed: UInt64 = 1, channels: [SimulatedBrowser.Channel] = [channel], offersSNAP: Bool = false,
        linkMTU: Int? = nil
    ) throws -> Player {
        var route = Route(name: "raw", profile: .datagrams, server: SimulatedWorld.datagramServerAddress)
        route.servers[0].linkMTU = linkMTU
        let world = try SimulatedWorld(seed: seed, routes: [route], hasServer: false)
        world.watch(seed: seed)
        let server = world.addDatagramServer()
        let browser = try world.makeBrowser(channels: channels, offersSNAP: offersSNAP)
        let session = try world.join(browser, route: "raw").session
        try #require(world.play([session]))
        return Player(
            world: world, server: server, browser: browser, session: session, stream: channels.first?.stream ?? 0)
    }

    /// A datagram that tells its number by its first two bytes.
    private func numbered(_ number: Int, size: Int) -> [UInt8] {
        let filler = UInt8(truncatingIfNeeded: number)
        return [UInt8(number >> 8), UInt8(number & 0xFF)] + [UInt8](repeating: filler, count: size - 2)
    }

    private func numbers(_ messages: [SimulatedBrowser.Received]) -> [Int] {
        messages.map { Int($0.payload[0]) << 8 | Int($0.payload[1]) }
    }

    // MARK: - Sizes

    @Test func everySizePassesBothWays() throws {
        let player = try playing()
        for size in 0...Profile.datagramLimit {
            let bytes = player.world.random.bytes(size)
            player.send(bytes)
            let count = player.browser.received.count
            try #require(player.world.run(for: 500) { _ in player.browser.received.count > count }, "\(size)")
            #expect(player.browser.received.last?.payload == bytes)
        }
        let counters = try player.close()
        #expect(counters.messagesToServer == UInt64(Profile.datagramLimit) + 1)
        #expect(counters.messagesToBrowser == counters.messagesToServer)
        #expect(counters.drops.total == 0)
    }

    /// An honest browser does not send what the answer's max-message-size forbids.
    @Test func whatIsLargerIsDroppedAndCounted() throws {
        let player = try playing()
        player.send([1])
        player.world.run(for: 200)
        let address = try #require(player.address)
        for size in [Profile.datagramLimit + 1, 4_096, 60_000] {
            player.send([UInt8](repeating: 1, count: size))
            player.server.send([UInt8](repeating: 2, count: size), to: address)
        }
        player.send([2])
        player.world.run(for: 1_000)
        #expect(player.server.received[address] == [[1], [2]])
        #expect(player.browser.received.map(\.payload) == [[1], [2]])
        let counters = try player.close()
        #expect(counters.drops.nonZero.map(\.reason) == [.messageTooLarge])
        #expect(counters.drops[.messageTooLarge] == 6)
    }

    /// What Deploy/routes.md says of loss.
    @Test(arguments: [(0, 1), (1_132, 1), (1_133, 2), (1_200, 2), (1_452, 2)])
    func aLargeDatagramTakesTwoPackets(size: Int, packets: Int) throws {
        let player = try playing()
        player.server.echoes = false
        player.send([1])
        player.world.run(for: 200)
        let before = player.world.datagramsOut
        player.server.send([UInt8](repeating: 1, count: size), to: try #require(player.address))
        #expect(player.world.run(for: 500) { _ in !player.browser.received.isEmpty })
        #expect(player.world.datagramsOut - before == packets)
    }

    @Test func theAnswerNamesTheLimit() throws {
        let player = try playing()
        #expect(player.browser.answeredMaximumMessageSize == Profile.datagramLimit)
    }

    /// What the page sends fits the way to the server; what the server sends has come already.
    @Test(arguments: [(1_420, 1_392), (1_280, 1_252), (65_535, 1_452)])
    func aNarrowWayLowersTheLimit(linkMTU: Int, limit: Int) throws {
        let player = try playing(linkMTU: linkMTU)
        #expect(player.browser.answeredMaximumMessageSize == limit)
        player.server.echoes = false
        player.send([UInt8](repeating: 1, count: limit))
        player.send([UInt8](repeating: 1, count: limit + 1))
        player.world.run(for: 200)
        let address = try #require(player.address)
        #expect(player.server.received[address]?.map(\.count) == [limit])
        player.server.send([UInt8](repeating: 1, count: 1_452), to: address)
        player.world.run(for: 200)
        #expect(player.browser.received.map(\.payload.count) == [1_452])
        let counters = try player.close()
        #expect(counters.drops[.messageTooLarge] == 1)
    }

    // MARK: - Too much

    /// More than waits for the session in one go, and more than waits for SCTP.
    @Test(arguments: [200, 1_000]) func ofABurstTheNewestArrive(count: Int) throws {
        let player = try playing()
        player.server.echoes = false
        player.send([1])
        player.world.run(for: 200)
        let address = try #require(player.address)
        for number in 0..<count { player.server.send(numbered(number, size: 1_000), to: address) }
        player.world.run(for: 1_000)
        let arrived = numbers(player.browser.received)
        // What SCTP took at once, and then the last of what came.
        let first = arrived.indices.prefix { arrived[$0] == arrived[0] + $0 }.count
        let last = Array(arrived.dropFirst(first))
        #expect(first > 0 && last.count > 50)
        #expect(last == Array((count - last.count)..<count))
        let counters = try player.close()
        #expect(counters.messagesToBrowser == UInt64(arrived.count))
        #expect(counters.drops.nonZero.map(\.reason) == [.messageQueueFull])
        #expect(counters.drops.total == UInt64(count - arrived.count))
    }

    /// Each from a seed, as in RandomPlayTests: nothing comes twice or was never sent, and without loss all is counted.
    @Test func onRandomNetworksNothingIsMadeUp() async throws {
        for seed in 1...300 as ClosedRange<UInt64> {
            await Task.yield()
            let complaints = try DatagramPlay(seed: seed).run()
            #expect(complaints.isEmpty, "seed \(seed)")
        }
    }

    // MARK: - Channels

    @Test(arguments: [
        SimulatedBrowser.Channel(0, label: "reliable"), .init(4, label: "0", ordered: true, limit: .lifetime(50)),
        .init(15, ordered: false, limit: .retransmissions(0), negotiated: true),
    ])
    func anyChannelWillDo(channel: SimulatedBrowser.Channel) throws {
        let player = try playing(channels: [channel])
        player.browser.send([1], stream: channel.stream)
        player.browser.send([], stream: channel.stream, string: true)
        player.world.run(for: 200)
        #expect(player.browser.received.map(\.payload) == [[1], []])
        // Ours never wait for one another, whatever the page asked for.
        #expect(player.browser.received.allSatisfy { $0.isUnordered && $0.stream == channel.stream })
    }

    @Test func aSecondChannelIsRefused() throws {
        let player = try playing(channels: [Self.channel, .init(2, label: "second")])
        player.send([1])
        player.world.run(for: 200)
        #expect(player.browser.resetStreams == [2])
        player.browser.send([2], stream: 7)
        player.world.run(for: 200)
        #expect(player.browser.received.map(\.payload) == [[1]])
        let counters = try player.close()
        #expect(counters.drops[.channelLimit] == 1)
        #expect(counters.drops[.messageWithoutCounterpart] == 1)
    }

    @Test func aChannelMayBeClosedAndAnotherOpened() throws {
        let player = try playing()
        player.send([1])
        player.world.run(for: 200)
        #expect(player.browser.closeChannel(stream: 0))
        player.world.run(for: 200)
        let address = try #require(player.address)
        player.server.send([2], to: address)
        player.world.run(for: 200)
        player.browser.open(.init(6, ordered: false, limit: .retransmissions(0)))
        player.browser.send([3], stream: 6)
        player.world.run(for: 200)
        #expect(player.server.received[address] == [[1], [3]])
        #expect(player.browser.received.map(\.stream) == [0, 6])
        let counters = try player.close()
        #expect(counters.drops[.messageWithoutCounterpart] == 1)
    }

    // MARK: - Ends

    /// What the page sent last still leaves, and nothing is waited for.
    @Test func aPageThatLeavesIsGoneAtOnce() throws {
        // With SNAP the gateway is the DTLS client, and the page's own ids are odd (RFC 8832 §6).
        let player = try playing(
            channels: [.init(1, ordered: false, limit: .retransmissions(0))], offersSNAP: true)
        player.send([1])
        player.world.run(for: 200)
        let address = try #require(player.address)
        player.send([2])
        player.world.run(for: 15)
        let start = player.world.now
        player.browser.close()
        #expect(player.world.run(for: 1_000) { $0.core.sessionCount == 0 })
        #expect(player.world.now.since(start).whole < 50)
        player.world.run(for: 100)
        #expect(player.server.received[address] == [[1], [2]])
        #expect(player.world.endReason(of: player.session) == .browserClosed)
        player.world.expectNothingLeft()
    }

    /// The server says nothing for minutes: only the browser's checks count.
    @Test func silenceOfTheServerEndsNothing() throws {
        let player = try playing()
        player.server.echoes = false
        player.send([1])
        player.world.run(for: .seconds(300))
        #expect(player.world.core.status(of: player.session) == .playing)
        player.browser.vanish()
        #expect(player.world.run(for: 21_000) { $0.core.sessionCount == 0 })
        #expect(player.world.endReason(of: player.session) == .browserVanished)
        player.world.expectNothingLeft()
    }

    @Test func aServerThatIsNotThereIsReported() throws {
        let world = try SimulatedWorld(seed: 1, hasServer: false)
        world.watch()
        world.sendsUnreachable = true
        let browser = try world.makeBrowser(channels: [Self.channel])
        let session = try world.join(browser, route: "raw").session
        try #require(world.play([session]))
        browser.send([1], stream: 0, unordered: true)
        #expect(world.run(for: 1_000) { $0.core.sessionCount == 0 })
        #expect(world.endReason(of: session) == .serverNotThere)
        world.run(for: 100)
        #expect(browser.signs.contains(.aborted))
        world.expectNothingLeft()
    }

    /// As when the host has no way to it.
    @Test func aSocketThatCannotBeOpenedEndsTheSession() throws {
        let player = try playing()
        let slot = try #require(player.world.sockets.keys.first)
        player.world.ask { core, now in core.serverRefusedDatagram(of: slot, at: now) }
        #expect(player.world.run(for: 1_000) { $0.core.sessionCount == 0 })
        #expect(player.world.endReason(of: player.session) == .serverNotThere)
        player.world.expectNothingLeft()
    }

    /// Once it has spoken, "port unreachable" may be a lie, or a server that starts anew.
    @Test func aServerThatSpokeIsNotGivenUp() throws {
        let player = try playing()
        player.send([1])
        player.world.run(for: 200)
        let slot = try #require(player.world.sockets.keys.first)
        player.world.ask { core, now in core.serverRefusedDatagram(of: slot, at: now) }
        player.send([2])
        player.world.run(for: 200)
        #expect(player.browser.received.map(\.payload) == [[1], [2]])
        _ = try player.close()
    }
}
