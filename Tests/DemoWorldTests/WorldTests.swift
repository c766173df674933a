import Primitives
import Testing

@testable import DemoWorld

private func feed(
    _ world: inout World, _ bytes: [UInt8], channel: UInt8, from id: UInt16, at now: Instant = .zero
) -> [World.Outgoing] {
    var outbox: [World.Outgoing] = []
    bytes.withUnsafeBytes { world.receive($0, channel: channel, from: id, at: now, into: &outbox) }
    return outbox
}

private func feed(
    _ world: inout World, _ message: ClientMessage, from id: UInt16, at now: Instant = .zero
) -> [World.Outgoing] {
    feed(&world, message.bytes, channel: message.channel, from: id, at: now)
}

private func enter(_ world: inout World) throws -> UInt16 {
    let id = world.connect(at: .zero)
    return try #require(id)
}

@Suite struct WorldTests {
    @Test func helloIsWelcomedOnceAndEveryoneIsIntroduced() throws {
        var world = World()
        let anna = try enter(&world)
        #expect(
            feed(&world, .hello(.web, name: "Anna"), from: anna) == [
                World.Outgoing(to: .player(anna), message: .welcome(anna)),
                World.Outgoing(to: .everyone, message: .joined(anna, .web, hue: anna * 137 % 360, name: "Anna")),
            ])
        let bob = try enter(&world)
        let told = feed(&world, .hello(.native, name: "Bob"), from: bob)
        #expect(told.map(\.to) == [.player(bob), .player(bob), .everyone])
        #expect(told[1].message == .joined(anna, .web, hue: anna * 137 % 360, name: "Anna"))
        #expect(feed(&world, .hello(.native, name: "Eve"), from: bob).isEmpty)
        #expect(world.present == [anna, bob])
    }

    @Test func whoHasNotSaidHelloIsUnseenAndUnheard() throws {
        var world = World()
        let id = try enter(&world)
        #expect(feed(&world, .chat("hi"), from: id).isEmpty)
        #expect(feed(&world, .ripple, from: id).isEmpty)
        let snapshot = world.snapshot()
        #expect(snapshot.isEmpty)
        var outbox: [World.Outgoing] = []
        world.disconnect(id, into: &outbox)
        #expect(outbox.isEmpty)
    }

    @Test func theSilentAreFoundAfterTenSeconds() throws {
        var world = World()
        let silent = try enter(&world)
        let other = try enter(&world)
        _ = feed(&world, .hello(.web, name: "A"), from: other)
        #expect(world.silent(at: .zero + 9999).isEmpty)
        #expect(world.silent(at: .zero + 10_000) == [silent])
    }

    @Test func leavingIsTold() throws {
        var world = World()
        let id = try enter(&world)
        _ = feed(&world, .hello(.web, name: "A"), from: id)
        var outbox: [World.Outgoing] = []
        world.disconnect(id, into: &outbox)
        world.disconnect(id, into: &outbox)
        #expect(outbox == [World.Outgoing(to: .everyone, message: .left(id))])
    }

    @Test func positionsAreClampedAndNaNIsRefused() throws {
        var world = World()
        let id = try enter(&world)
        _ = feed(&world, .hello(.web, name: "A"), from: id)
        func report(_ x: Float, _ y: Float) {
            var bytes: [UInt8] = [0x01]
            bytes.append(littleEndian: x)
            bytes.append(littleEndian: y)
            _ = feed(&world, bytes, channel: 1, from: id)
        }
        func seen() -> Position? {
            guard case .snapshot(_, let placed)? = world.snapshot().first else { return nil }
            return placed.first?.position
        }
        report(-5, .infinity)
        #expect(seen() == Position(clamping: 0, 600))
        report(12.5, 34)
        report(.nan, 1)
        report(1, .nan)
        #expect(seen() == Position(clamping: 12.5, 34))
    }

    @Test func pingsComeBackOnTheirChannelToTheirSenderAlone() throws {
        var world = World()
        let id = try enter(&world)
        for channel in UInt8(0)...2 {
            // The second and fourth are lost on the way.
            for (number, count) in [(UInt32(1), UInt32(1)), (3, 2), (5, 3)] {
                var bytes: [UInt8] = [0x02]
                bytes.append(littleEndian: number)
                bytes.append(littleEndian: 1234.5)
                let told = feed(&world, bytes, channel: channel, from: id)
                #expect(told.map(\.to) == [.player(id)])
                bytes.append(littleEndian: count)
                #expect(told.first?.message.bytes == bytes && told.first?.message.channel == channel)
            }
        }
        var bytes: [UInt8] = [0x02]
        bytes.append(littleEndian: UInt32(6))
        #expect(feed(&world, bytes, channel: 1, from: id).isEmpty)
        bytes.append(littleEndian: 1234.5)
        #expect(feed(&world, bytes, channel: 3, from: id).isEmpty)
    }

    @Test func chatRipplesAndPingsAreLimitedPerPlayer() throws {
        var world = World()
        let (a, b) = (try enter(&world), try enter(&world))
        for id in [a, b] { _ = feed(&world, .hello(.web, name: "P"), from: id) }
        let chats = (0..<20).filter { _ in !feed(&world, .chat("x"), from: a).isEmpty }
        #expect(chats.count == 5)
        #expect(feed(&world, .chat("x"), from: b) == [World.Outgoing(to: .everyone, message: .chat(b, "x"))])
        #expect(feed(&world, .chat("x"), from: a, at: .zero + 999).isEmpty)
        #expect(feed(&world, .chat("x"), from: a, at: .zero + 2000).count == 1)
        #expect((0..<20).filter { _ in !feed(&world, .ripple, from: a).isEmpty }.count == 8)
        #expect(
            (0..<400).filter { _ in !feed(&world, .ping(number: 1, time: 1, channel: 1), from: a).isEmpty }.count == 300
        )
    }

    @Test func aFullWorldTakesNobodyAndIDsAreNotReusedAtOnce() throws {
        var world = World()
        let ids = try (0..<World.maximumPlayers).map { _ in try enter(&world) }
        #expect(Set(ids).count == 64)
        let oneTooMany = world.connect(at: .zero)
        #expect(oneTooMany == nil)
        var outbox: [World.Outgoing] = []
        world.disconnect(ids[3], into: &outbox)
        let next = try enter(&world)
        #expect(!ids.contains(next))
    }

    @Test func snapshotsHoldEveryoneAndAreSplitToFit() throws {
        var world = World()
        let ids = try (0..<64).map { _ in try enter(&world) }
        for id in ids { _ = feed(&world, .hello(.web, name: "P"), from: id) }
        let whole = world.snapshot()
        #expect(whole.count == 1 && whole[0].bytes.count == 647)
        let parts = world.snapshot(maximumBytes: 207)
        #expect(parts.count == 4 && parts.allSatisfy { $0.bytes.count <= 207 })
        let placed = parts.flatMap { part -> [UInt16] in
            guard case .snapshot(2, let players) = part else { return [] }
            return players.map(\.id)
        }
        #expect(placed == ids.sorted())
    }

    @Test func garbageIsIgnored() throws {
        var world = World()
        let id = try enter(&world)
        var random = SplitMix64(state: 9)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let channel = UInt8.random(in: 0...2, using: &random)
            _ = feed(&world, bytes, channel: channel, from: id)
            bytes.withUnsafeBytes { _ = ServerMessage($0, channel: channel) }
        }
        #expect(feed(&world, [0x12] + [UInt8](repeating: 0, count: 2000), channel: 0, from: id).isEmpty)
        #expect(feed(&world, [0x12], channel: 0, from: 999).isEmpty)
    }
}

@Suite struct MessageTests {
    @Test(arguments: [
        ServerMessage.welcome(0x0102), .joined(3, .web, hue: 259, name: "Zoë"), .left(4), .chat(5, "hi"), .ripple(6),
        .snapshot(tick: 7, [ServerMessage.Placed(id: 8, position: .centre)]),
        .pong(number: 1, time: 42, count: 3, channel: 0),
        .snapshot(tick: 1, []),
    ]) func serverMessagesReadAsWritten(_ message: ServerMessage) {
        let bytes = message.bytes
        bytes.withUnsafeBytes { #expect(ServerMessage($0, channel: message.channel) == message) }
        for count in bytes.indices where count < 3 {
            bytes[..<count].withUnsafeBytes { #expect(ServerMessage($0, channel: message.channel) == nil) }
        }
    }

    @Test func theBytesAreTheProtocols() {
        #expect(ServerMessage.welcome(0x0102).bytes == [0x20, 2, 1])
        #expect(ServerMessage.joined(1, .web, hue: 300, name: "A").bytes == [0x21, 1, 0, 1, 0x2C, 1, 0x41])
        let snapshot = ServerMessage.snapshot(tick: 1, [ServerMessage.Placed(id: 2, position: .centre)])
        #expect(snapshot.bytes == [0x30, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0xFA, 0x43, 0, 0, 0x96, 0x43])
        #expect(ClientMessage.hello(.native, name: "B").bytes == [0x10, 0, 0x42])
    }
}

@Suite struct PlainTextTests {
    private func sanitised(_ bytes: [UInt8], _ maximum: Int = 24) -> String {
        bytes.withUnsafeBytes { PlainText.sanitised($0, maximumBytes: maximum) }
    }

    @Test func invalidAndInvisibleIsTakenOut() {
        #expect(sanitised([0x41, 0xFF, 0xC3, 0x28, 0x42]) == "A(B")
        #expect(sanitised(Array("a\u{0}\u{1B}[31m\u{202E}b\u{7F}".utf8)) == "a[31mb")
        #expect(sanitised(Array("  two\n\n\twords \r\n".utf8)) == "two words")
        #expect(sanitised([]) == "" && sanitised(Array(" \n ".utf8)) == "")
    }

    @Test func itIsCutBetweenCharacters() {
        #expect(sanitised(Array("ééééé".utf8), 5) == "éé")
        #expect(sanitised(Array("👩‍👩‍👧x".utf8), 24) == "👩‍👩‍👧x")
        #expect(sanitised(Array("👩‍👩‍👧x".utf8), 10) == "")
        #expect(sanitised([UInt8](repeating: 0x61, count: 5000), 200).utf8.count == 200)
    }
}
