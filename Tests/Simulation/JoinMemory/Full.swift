import ENet
import Gateway
import Primitives
import SimulationSupport

/// Sessions in which all that may wait does: pages that take nothing, and a server that acknowledges nothing any more,
/// while both have sent as much as they could. TCP and captures come on top.
struct Full {
    private let world: SimulatedWorld
    private let count: Int
    private var browsers: [SimulatedBrowser] = []

    /// Bytes a session may cost then (Deploy/capacity.md).
    static let limit = 8 << 20

    /// Prints what one of `count` costs, by the size of the messages that wait.
    static func measure(_ count: Int) throws {
        for size in [20, 200, 2_000, 60_000] {
            let bytes = try Full(count).bytesPerSession(messages: size)
            JoinMemory.say("with messages of \(size) bytes: \(bytes) bytes a session")
            guard bytes <= limit else { throw Failure(description: "\(limit) are allowed") }
        }
    }

    private init(_ count: Int) throws {
        self.count = count
        world = try SimulatedWorld(seed: 1) {
            $0.sessionLimit = count
            // They would end, long after they are full.
            $0.stallTimeout = .seconds(60)
        }
        world.server.behaviour = .listens
        for _ in 0..<count {
            let browser = try world.makeBrowser(
                channels: [.init(0, label: "0", ordered: false, limit: .retransmissions(0)), .init(2, label: "1")])
            guard world.play([try world.join(browser, route: "plain").session]) else {
                throw Failure(description: "a player did not come in")
            }
            browser.reads = false
            browsers.append(browser)
        }
    }

    private func bytesPerSession(messages size: Int) throws -> Int {
        let message = [UInt8](repeating: 1, count: size)
        fillToBrowsers(message)
        fillToServer(message)
        for browser in browsers { world.network.blackouts[browser.address.host] = Instant(nanoseconds: .max) }
        world.run(for: 100)
        guard world.core.sessionCount == count else { throw Failure(description: "sessions have ended") }
        let full = JoinMemory.heap
        world.ask { core, now in core.stop(at: now) }
        guard world.run(for: .seconds(10), until: { $0.core.sessionCount == 0 }) else {
            throw Failure(description: "sessions go on")
        }
        return (full - JoinMemory.heap) / count
    }

    private func fillToBrowsers(_ message: [UInt8]) {
        for _ in 0..<60 {
            for player in world.server.players.keys {
                for _ in 0..<max(1, 60_000 / message.count) {
                    guard world.server.send(message, channel: 1, .reliable, to: player) == .queued else { break }
                }
                world.server.send(message, channel: 0, .unsequenced, to: player)
            }
            world.run(for: 50)
        }
    }

    /// Its silence ends them after 8 s.
    private func fillToServer(_ message: [UInt8]) {
        world.server.isGone = true
        for _ in 0..<60 {
            for browser in browsers where browser.unsentCount < 100 {
                for _ in 0..<max(2, 100_000 / message.count) { browser.send(message, stream: 2) }
                for _ in 0..<20 {
                    browser.send(message, stream: 0, unordered: true, reliability: .retransmissions(0))
                }
            }
            world.run(for: 50)
        }
    }
}
