import Primitives
import Testing

@testable import DemoWorld

@Suite struct BotMindTests {
    /// Lets the bot act at each of its deadlines until `end`.
    private func run(_ bot: inout BotMind, until end: Instant) -> [(Instant, ClientMessage)] {
        var said: [(Instant, ClientMessage)] = []
        while bot.nextDeadline <= end {
            let now = bot.nextDeadline
            said += bot.advance(to: now).map { (now, $0) }
        }
        return said
    }

    private func positions(_ said: [(Instant, ClientMessage)]) -> [Position] {
        said.compactMap { if case .position(let position) = $0.1 { position } else { nil } }
    }

    private func chats(_ said: [(Instant, ClientMessage)]) -> [String] {
        said.compactMap { if case .chat(let text) = $0.1 { text } else { nil } }
    }

    @Test func itIsSilentUntilWelcomed() {
        var bot = BotMind(seed: 1, at: .zero)
        #expect(run(&bot, until: .zero + 60_000).isEmpty)
    }

    @Test func itWandersSmoothlyAndFarWithinTheWorld() {
        var bot = BotMind(seed: 1, at: .zero)
        bot.receive(.welcome(1), at: .zero)
        let path = positions(run(&bot, until: .zero + 60_000))
        #expect(path.count > 1700)
        #expect(zip(path, path.dropFirst()).allSatisfy { $0.distance(to: $1) < 15 })
        #expect(path.map(\.x).max().map { $0 > 850 } == true && path.map(\.x).min().map { $0 < 150 } == true)
        #expect(path.allSatisfy { $0.x > 50 && $0.x < 950 && $0.y > 50 && $0.y < 550 })
        var other = BotMind(seed: 2, at: .zero)
        other.receive(.welcome(2), at: .zero)
        #expect(positions(run(&other, until: .zero + 1000)).first != path.first)
    }

    @Test func itChatsNowAndThen() {
        var bot = BotMind(seed: 3, at: .zero)
        bot.receive(.welcome(1), at: .zero)
        let count = chats(run(&bot, until: .zero + .seconds(300))).count
        #expect(count >= 6 && count <= 16)
    }

    @Test func itGreetsAWebPlayerByNameOnceAndNotANativeOne() {
        var bot = BotMind(seed: 4, at: .zero)
        bot.receive(.welcome(1), at: .zero)
        bot.receive(.joined(2, .native, hue: 0, name: "Robot"), at: .zero)
        bot.receive(.joined(3, .web, hue: 0, name: "Zoë"), at: .zero)
        bot.receive(.joined(3, .web, hue: 0, name: "Zoë"), at: .zero)
        let said = chats(run(&bot, until: .zero + 5000))
        #expect(said.count == 1 && said.allSatisfy { $0.contains("Zoë") })
    }

    @Test func aCrowdIsGreetedWithinBounds() {
        var bot = BotMind(seed: 4, at: .zero)
        bot.receive(.welcome(1), at: .zero)
        for id in UInt16(2)..<2000 { bot.receive(.joined(id, .web, hue: 0, name: "P"), at: .zero) }
        #expect(chats(run(&bot, until: .zero + 5000)).count <= BotMind.maximumGreetings)
    }

    @Test func itRipplesWhenAWebPlayerIsCloseAndRestsBetween() {
        var bot = BotMind(seed: 5, at: .zero)
        bot.receive(.welcome(1), at: .zero)
        bot.receive(.joined(2, .web, hue: 0, name: "A"), at: .zero)
        bot.receive(.joined(3, .native, hue: 0, name: "B"), at: .zero)
        var ripples: [Instant] = []
        var now = Instant.zero
        func step(_ id: UInt16) {
            for message in bot.advance(to: now) {
                if case .position(let position) = message {
                    bot.receive(.snapshot(tick: 1, [ServerMessage.Placed(id: id, position: position)]), at: now)
                }
                if message == .ripple { ripples.append(now) }
            }
            now = now + 33
        }
        for _ in 0..<100 { step(3) }
        #expect(ripples.isEmpty)
        for _ in 0..<300 { step(2) }
        #expect(ripples.count >= 3)
        #expect(zip(ripples, ripples.dropFirst()).allSatisfy { $1.since($0) >= BotMind.rippleRest })
        bot.receive(.left(2), at: now)
        let before = ripples.count
        for _ in 0..<200 { step(2) }
        #expect(ripples.count == before)
    }
}
