import DataChannels
import ENet
import Gateway
import Primitives
import SCTP
import SimulationSupport
import Testing

/// Data channels through the whole gateway: their reliability, their opening and closing, their limits.
@Suite(.onTheSCTPStack) struct DataChannelTests {
    private func playing(
        seed: UInt64 = 1, channels: [SimulatedBrowser.Channel] = [.init(0, label: "0")],
        behaviour: SimulatedServer.Behaviour = .echoes, maximumMessageSize: Int = 262_144
    ) throws -> (SimulatedWorld, SimulatedBrowser, SessionID, PeerID) {
        let world = try SimulatedWorld(seed: seed)
        world.watch(seed: seed)
        world.server.behaviour = behaviour
        let browser = try world.makeBrowser(channels: channels, maximumMessageSize: maximumMessageSize)
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        world.run(for: 500)
        return (world, browser, session, try #require(world.server.player(0)))
    }

    /// The session's counters, after the page has closed it.
    private func counters(
        _ world: SimulatedWorld, _ browser: SimulatedBrowser, _ session: SessionID
    ) throws -> SessionCounters {
        browser.close()
        world.run(for: 10_000) { $0.core.sessionCount == 0 }
        return try #require(world.counters(of: session))
    }

    private static let limits: [ChannelReliability.Limit] = [
        .none, .retransmissions(0), .retransmissions(3), .lifetime(100), .lifetime(5_000),
    ]

    /// Ten channels: each limit, ordered on streams 0 to 8 and unordered on 10 to 18. The label is half the stream.
    private static let everyKind: [SimulatedBrowser.Channel] = [true, false].enumerated().flatMap { row, ordered in
        limits.enumerated().map { column, limit in
            let number = row * limits.count + column
            return SimulatedBrowser.Channel(UInt16(2 * number), label: String(number), ordered: ordered, limit: limit)
        }
    }

    private static func sctp(_ limit: ChannelReliability.Limit) -> PartialReliability {
        switch limit {
        case .none: .reliable
        case .retransmissions(let count): .retransmissions(count)
        case .lifetime(let milliseconds): .lifetime(milliseconds)
        }
    }

    private func send(_ bytes: [UInt8], on channel: SimulatedBrowser.Channel, of browser: SimulatedBrowser) {
        browser.send(
            bytes, stream: channel.stream, unordered: !channel.reliability.isOrdered,
            reliability: Self.sctp(channel.reliability.limit))
    }

    // MARK: - Reliability

    /// Each kind of channel is its kind of ENet packet, and what comes back is sent as the page asked for.
    @Test func everyKindThereAndBack() throws {
        let (world, browser, _, _) = try playing(channels: Self.everyKind)
        for channel in Self.everyKind {
            for payload in [[UInt8(channel.stream)], [], world.random.bytes(5_000)] {
                send(payload, on: channel, of: browser)
                let count = browser.received.count
                #expect(world.run(for: 1_000) { _ in browser.received.count > count }, "\(channel)")
                let echo = try #require(browser.received.last)
                #expect(echo.stream == channel.stream && echo.payload == payload && !echo.isString)
                // ENet's fragments carry no unsequenced form.
                if payload.count < 1_000 { #expect(echo.isUnordered == !channel.reliability.isOrdered) }
                let packet = try #require(world.server.received[0]?.last)
                let delivery: Delivery =
                    channel.reliability.isReliable
                    ? .reliable
                    : channel.reliability.isOrdered || payload.count > 1_000 ? .unreliableSequenced : .unsequenced
                #expect(packet.channel == UInt8(channel.stream / 2) && packet.delivery == delivery)
            }
        }
    }

    /// Loss on the browser's way: what is given up never comes, nothing comes twice, ordered channels keep their order,
    /// reliable ones lose nothing, and afterwards no channel is stuck. Messages of one packet and of several.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func nothingSticksAfterLoss(seed: UInt64) throws {
        let (world, browser, _, player) = try playing(seed: seed, channels: Self.everyKind, behaviour: .listens)
        var link = LinkConditions(delay: 15, jitter: 5)
        link.loss = 150
        world.network.links[browser.address.host] = link
        let rounds = 30
        for number in 0..<rounds {
            for channel in Self.everyKind {
                let size = number % 5 == 0 ? 4_000 : 10
                let bytes = [UInt8(channel.stream), UInt8(number)] + [UInt8](repeating: UInt8(number), count: size)
                send(bytes, on: channel, of: browser)
                let kind: Delivery =
                    channel.reliability.isReliable
                    ? .reliable : channel.reliability.isOrdered ? .unreliableSequenced : .unsequenced
                world.server.send(bytes, channel: UInt8(channel.stream / 2), kind, to: player)
            }
            world.run(for: 30)
        }
        world.network.links[browser.address.host] = LinkConditions(delay: 15)
        world.run(for: 20_000)
        let lossy = (browser.received.map(\.payload), (world.server.received[0] ?? []).map(\.bytes))
        for channel in Self.everyKind {
            for (received, way) in [(lossy.0, "down"), (lossy.1, "up")] {
                let own = received.filter { $0.first == UInt8(channel.stream) }
                let numbers = own.map { $0[1] }
                #expect(own.allSatisfy { bytes in bytes.dropFirst(2).allSatisfy { $0 == bytes[1] } })
                #expect(Set(numbers).count == numbers.count, "\(way), \(channel): a message came twice")
                if channel.reliability.isOrdered { #expect(numbers == numbers.sorted(), "\(way), \(channel)") }
                if channel.reliability.isReliable { #expect(numbers.count == rounds, "\(way), \(channel)") }
            }
        }
        // A channel that gives up at once lost something, and yet no channel is stuck.
        #expect(lossy.0.count < rounds * Self.everyKind.count)
        for channel in Self.everyKind {
            send([UInt8(channel.stream), 0xFF], on: channel, of: browser)
            world.server.send([UInt8(channel.stream), 0xFF], channel: UInt8(channel.stream / 2), .reliable, to: player)
        }
        world.run(for: 2_000)
        #expect(browser.received.count - lossy.0.count == Self.everyKind.count)
        #expect((world.server.received[0]?.count ?? 0) - lossy.1.count == Self.everyKind.count)
        #expect(browser.sendBuffer?.queued == 0)
    }

    // MARK: - Opening

    /// RFC 8832 §6: an OPEN that may not be is answered with a reset and no ACK; the session goes on.
    @Test func refusedOpens() throws {
        let (world, browser, session, _) = try playing(channels: [.init(0, label: "0"), .init(2, label: "1")])
        browser.open(.init(5, label: "5"))
        world.run(for: 500)
        #expect(browser.resetStreams == [5])
        // Once more on a channel that is open, which closes it.
        browser.open(.init(2, label: "2"))
        world.run(for: 500)
        #expect(browser.resetStreams == [5, 2])
        browser.send([1], stream: 2)
        browser.sendRaw([3, 0, 0], stream: 8, identifier: 50)
        world.run(for: 500)
        #expect(browser.resetStreams == [5, 2, 8])
        #expect(browser.acknowledgedStreams == [0, 2])
        // Closed on both sides, the stream opens anew, and our reset was not answered with another.
        #expect(browser.closeChannel(stream: 2))
        world.run(for: 500)
        browser.open(.init(2, label: "7"))
        browser.send([7], stream: 2)
        #expect(world.run(for: 1_000) { _ in browser.received.last?.payload == [7] })
        #expect(browser.resetStreams == [5, 2, 8])
        #expect(world.server.received[0]?.last?.channel == 7)
        let drops = try counters(world, browser, session).drops
        #expect(drops[.channelParityWrong] == 1)
        #expect(drops[.channelOpenUnexpected] == 1)
        #expect(drops[.channelOpenMalformed] == 1)
        #expect(drops[.channelNotOpen] == 1)
    }

    @Test func whatIsNoMessageIsCountedByName() throws {
        let (world, browser, session, _) = try playing()
        for (bytes, identifier) in [([1], 52), ([1], 54), ([1], 99), ([2], 50), ([9], 50)] as [([UInt8], UInt32)] {
            browser.sendRaw(bytes, stream: 0, identifier: identifier)
        }
        browser.send([5], stream: 0)
        #expect(world.run(for: 1_000) { _ in browser.received.count == 1 })
        #expect(browser.resetStreams.isEmpty)
        let drops = try counters(world, browser, session).drops
        #expect(drops[.channelProtocolDeprecated] == 2)
        #expect(drops[.channelProtocolUnknown] == 1)
        #expect(drops[.channelAckUnexpected] == 1)
        #expect(drops[.channelMessageUnknown] == 1)
        #expect(drops.total == 5)
    }

    /// The longest OPEN there is: 131,082 bytes. The label is cut, the channel works.
    @Test func theLongestOpen() throws {
        let (world, browser, _, _) = try playing()
        let longest = String(repeating: "9", count: 65_535)
        let open = OpenMessage(
            reliability: ChannelReliability(isOrdered: true, limit: .none), label: longest, subprotocol: longest)
        browser.sendRaw(open.serialized(), stream: 2, identifier: 50)
        browser.send([1], stream: 2)
        #expect(world.run(for: 5_000) { _ in browser.received.count == 1 })
        #expect(browser.acknowledgedStreams == [0, 2])
        // It is no number, so its place is its ENet channel.
        #expect(world.server.received[0]?.last?.channel == 1)
    }

    /// As many as the streams allow: half of them have the page's parity.
    @Test func fiveHundredChannels() throws {
        let streams = (0..<512 as Range<UInt16>).map { $0 * 2 }
        let (world, browser, _, _) = try playing(channels: streams.map { .init($0, label: String($0 / 2 % 255)) })
        world.run(for: 5_000) { _ in browser.acknowledgedStreams.count == 512 }
        #expect(browser.acknowledgedStreams == Set(streams))
        for stream in [0, 510, 1_022] as [UInt16] {
            browser.send([UInt8(stream % 251)], stream: stream)
            #expect(world.run(for: 1_000) { _ in browser.received.last?.payload == [UInt8(stream % 251)] })
        }
        for stream in streams.dropFirst() { #expect(browser.closeChannel(stream: stream)) }
        world.run(for: 10_000) { _ in browser.resetStreams.count == 511 }
        #expect(Set(browser.resetStreams) == Set(streams.dropFirst()))
        browser.open(.init(2, label: "9"))
        browser.send([99], stream: 2)
        #expect(world.run(for: 1_000) { _ in browser.received.last?.payload == [99] })
    }

    // MARK: - Closing

    /// What the page sent before it closed the channel reaches the server.
    @Test(arguments: 1...5 as ClosedRange<UInt64>) func lastWordsArrive(seed: UInt64) throws {
        let (world, browser, _, _) = try playing(
            seed: seed, channels: [.init(0, label: "0"), .init(2, label: "1")], behaviour: .listens)
        var link = LinkConditions(delay: 20)
        link.loss = 100
        world.network.links[browser.address.host] = link
        for number in 0..<100 as Range<UInt8> {
            browser.send([number] + [UInt8](repeating: 0, count: 1_500), stream: 2, unordered: number % 2 == 0)
        }
        world.run(for: 30_000) { _ in browser.unsentCount == 0 }
        #expect(browser.closeChannel(stream: 2))
        world.run(for: 60_000) { _ in browser.resetStreams == [2] }
        #expect(Set((world.server.received[0] ?? []).compactMap(\.bytes.first)) == Set(0..<100))
        #expect(browser.resetStreams == [2])
    }

    /// What still waits for a channel that was closed is not what the next channel on the stream begins with.
    @Test func aClosedChannelsMessagesAreNotItsSuccessors() throws {
        let (world, browser, session, player) = try playing(
            channels: [.init(0, label: "0"), .init(2, label: "1")], behaviour: .listens)
        var link = LinkConditions(delay: 10)
        link.rate = 40_000
        world.network.links[browser.address.host] = link
        for _ in 0..<60 { world.server.send([1] + world.random.bytes(4_000), channel: 1, .reliable, to: player) }
        world.run(for: 1_000)
        let before = browser.received.count
        #expect(before > 0 && before < 60)
        #expect(browser.closeChannel(stream: 2))
        #expect(world.run(for: 20_000) { _ in browser.resetStreams == [2] })
        let atClose = browser.received.count
        browser.open(.init(2, label: "9"))
        world.run(for: 1_000)
        world.server.send([9], channel: 9, .reliable, to: player)
        #expect(world.run(for: 20_000) { _ in browser.received.last?.payload == [9] })
        #expect(browser.received.count == atClose + 1)
        let counters = try counters(world, browser, session)
        #expect(counters.drops[.channelClosed] > 0)
    }

    /// Hundreds of channels one after the other on one stream, while another plays and packets are lost; a name has the
    /// same ENet channel each time.
    @Test(arguments: [0, 50]) func overAndOver(loss: Int) throws {
        let (world, browser, _, _) = try playing()
        var link = LinkConditions(delay: 5)
        link.loss = loss
        world.network.links[browser.address.host] = link
        var echoes = 0
        for round in 0..<300 {
            let count = browser.received.count
            browser.open(.init(2, label: "chat"))
            browser.send([UInt8(round & 255)], stream: 2)
            browser.send([1, UInt8(round & 255)], stream: 0)
            world.run(for: 20_000) { _ in browser.received.count == count + 2 }
            echoes += browser.received.count - count
            #expect(browser.closeChannel(stream: 2))
            world.run(for: 20_000) { _ in browser.resetStreams.count == round + 1 }
        }
        #expect(echoes == 600)
        #expect(browser.resetStreams == [UInt16](repeating: 2, count: 300))
        let channels = Set((world.server.received[0] ?? []).filter { $0.bytes.count == 1 }.map(\.channel))
        #expect(channels == [1])
    }

    // MARK: - Sizes

    /// What the page's offer says bounds what it is sent.
    @Test(arguments: [(1_000, 1_000), (65_536, 65_536), (1_073_741_823, 262_144)])
    func thePagesLimitHolds(offered: Int, limit: Int) throws {
        let (world, browser, session, player) = try playing(
            channels: [.init(0, label: "0"), .init(2, label: "1", limit: .retransmissions(0))], behaviour: .listens,
            maximumMessageSize: offered)
        world.server.send(world.random.bytes(limit), channel: 0, .reliable, to: player)
        #expect(world.run(for: 5_000) { _ in browser.received.last?.payload.count == limit })
        guard limit < 262_144 else { return }
        world.server.send(world.random.bytes(limit + 1), channel: 1, .unreliableSequenced, to: player)
        world.server.send([1], channel: 0, .reliable, to: player)
        #expect(world.run(for: 5_000) { _ in browser.received.last?.payload == [1] })
        world.server.send(world.random.bytes(limit + 1), channel: 0, .reliable, to: player)
        world.run(for: 5_000) { $0.core.sessionCount == 0 }
        #expect(world.endReason(of: session) == .serverMessageTooLarge(bytes: limit + 1, limit: limit))
        #expect(world.counters(of: session)?.drops[.messageTooLarge] == 1)
    }
}
