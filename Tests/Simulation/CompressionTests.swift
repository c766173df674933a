import ENet
import Gateway
import Primitives
import SimulationSupport
import Testing

/// Routes and servers that compress.
@Suite(.onTheSCTPStack) struct CompressionTests {
    private func world(_ route: Compression, server: Compression) throws -> SimulatedWorld {
        var game = Route(name: "godot", profile: .godot4, server: SimulatedWorld.serverAddress)
        game.enet.compression = route
        var configuration = ServerConfiguration()
        configuration.compression = server
        let world = try SimulatedWorld(seed: 1, routes: [game], serverConfiguration: configuration)
        world.watch()
        return world
    }

    @Test(arguments: Compression.allCases) func messagesGoThereAndBack(compression: Compression) throws {
        let world = try world(compression, server: compression)
        let browser = try world.makeBrowser()
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        let messages: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 50_000), world.random.bytes(60_000)]
        for message in messages { browser.send(message, stream: 1) }
        #expect(world.run(for: 3_000) { _ in browser.received.count == messages.count })
        #expect(browser.received.map(\.payload) == messages)
    }

    /// At once where the server's first words show it, else within three seconds and a bit.
    @Test(
        arguments: [
            (Compression.none, Compression.zlib, 100), (.rangeCoder, .fastlz, 100), (.fastlz, .rangeCoder, 100),
            (.zlib, .none, 3_400), (.zstd, .none, 3_400),
        ] as [(Compression, Compression, UInt64)])
    func anotherSettingEndsTheJoinWithItsReason(route: Compression, server: Compression, limit: UInt64) throws {
        let world = try world(route, server: server)
        let browser = try world.makeBrowser()
        let answer = try world.join(browser, peerID: 42)
        #expect(world.run(for: 1_000) { _ in browser.isOpen })
        let start = world.now
        #expect(world.run(for: 10_000) { $0.core.sessionCount == 0 })
        #expect(world.now.since(start).whole <= limit)
        let isRead = server != .none
        let mismatch = CompressionMismatch(
            configured: route, finding: isRead ? .serverUses(server) : .serverReadsNothingCompressed)
        #expect(world.endReason(of: answer.session) == .serverCompressionDiffers(mismatch))
        #expect(world.counters(of: answer.session)?.drops[.serverDatagramCompressed] == (isRead ? 1 : 0))
        world.run(for: 100)
        #expect(browser.signs == [.aborted, .dtlsClosed])
        world.expectNothingLeft()
    }

    @Test func aSentenceNamesBothSettings() {
        let sentences = Compression.allCases.filter { $0 != .zlib }.map {
            EndReason.serverCompressionDiffers(CompressionMismatch(configured: .zlib, finding: .serverUses($0)))
                .sentence
        }
        #expect(
            sentences[1]
                == "The game server compresses with range-coder, but its route says zlib: set the route's compression to range-coder."
        )
        let others = [CompressionMismatch.Finding.serverUsesAnother, .serverReadsNothingCompressed].map {
            EndReason.serverCompressionDiffers(CompressionMismatch(configured: .zlib, finding: $0)).sentence
        }
        for sentence in sentences + others {
            #expect(sentence.contains("zlib") && sentence.hasSuffix(".") && !sentence.contains("\n"), "\(sentence)")
        }
    }
}
