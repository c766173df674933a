import Gateway
import Primitives
import SDP
import SimulationSupport

/// Players who come in, say something and go, one after the other, through one gateway to one server.
struct Leaving {
    private let world: SimulatedWorld
    private var players = 0

    /// Whoever comes for the first time makes what is made once.
    private static let warmUp = 100

    /// Prints bytes in use as `count` players come and go.
    static func measure(_ count: Int) throws {
        var players = try Leaving()
        try players.fillWhatHasABound()
        for _ in 0..<warmUp { try players.joinAndLeave() }
        let start = JoinMemory.heap
        JoinMemory.say("after \(warmUp) joins to warm up: \(start) bytes in use")
        for number in 1...count {
            try players.joinAndLeave()
            guard number.isMultiple(of: max(1, count / 10)) || number == count else { continue }
            JoinMemory.say("after \(number) more: \(JoinMemory.heap) bytes in use")
        }
        let growth = JoinMemory.heap - start
        // No block that malloc hands out is smaller than 24 bytes; how blocks are cut makes a few kilobytes' difference.
        let limit = max(4096, 4 * count)
        guard growth <= limit else {
            throw Failure(description: "\(growth) bytes more than \(start), where \(limit) are allowed")
        }
    }

    private init() throws {
        // Its certificate is renewed now and then, every forty players or so.
        world = try SimulatedWorld(seed: 1) { $0.certificateLifetime = .seconds(600) }
    }

    /// The gateway remembers a number of sessions that ended: here, of some that nobody came for.
    private func fillWhatHasABound() throws {
        let offer = try DataChannelDescription(
            offer: SessionDescription(parsing: world.makeBrowser().makeOffer()))
        for _ in 0..<1_200 {
            var outbox = Outbox()
            try world.ask { core, now in
                let request = JoinRequest(route: "godot", peerID: nil, offer: offer)
                _ = core.leave(try core.join(request, at: now, into: &outbox).session, at: now)
            }
            world.run(for: 1)
        }
        try forget()
    }

    /// One player more. They go in turn in each of the ways players go.
    private mutating func joinAndLeave() throws {
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        guard world.play([session]) else { throw Failure(description: "player \(players) did not come in") }
        browser.send([1, 2, 3, 4, 5, 6, 7], stream: 1)
        world.run(for: 200) { _ in !browser.received.isEmpty }
        guard browser.received.count == 1 else { throw Failure(description: "player \(players) got no echo") }
        switch players % 4 {
        case 0: browser.close()
        case 1: browser.vanish()
        case 2: world.ask { core, now in _ = core.leave(session, at: now) }
        default: for id in world.server.players.keys { world.server.kick(id) }
        }
        world.run(for: .seconds(60)) { $0.core.sessionCount == 0 && $0.server.players.isEmpty }
        browser.vanish()
        try forget()
        players += 1
    }

    /// Nothing is left of whoever was there. usrsctp remembers a tag it is done with for a minute, and so the more of
    /// them the faster players come: some time goes by.
    private func forget() throws {
        if let leftover = world.leftover { throw Failure(description: "after player \(players): \(leftover)") }
        world.forgetThePast()
        world.run(for: .seconds(10))
    }
}
