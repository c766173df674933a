import Primitives
import SimulationSupport
import Testing

@testable import Gateway

/// When the process has too little of something, as its shell says.
extension GatewayCoreTests {
    @Test(arguments: Shortage.allCases) func whoPlaysGoesOnAndNobodyJoins(shortage: Shortage) throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser()
        try #require(world.play([try world.join(browser).session]))
        world.core.shortage = shortage
        #expect(throws: JoinRefusal.shortage(shortage)) { try world.join(world.makeBrowser(), peerID: 9) }
        let kind = JoinRefusal.Kind(rawValue: shortage == .memory ? "short-of-memory" : "short-of-descriptors")
        #expect(world.metrics.refusals == [try #require(kind): 1])
        #expect(world.core.peerIDs["godot"]?.count == 1 && world.core.ports.count == 1)
        browser.send([1, 2, 3, 4, 5, 6, 7], stream: 1)
        #expect(world.run(for: 500) { _ in !browser.received.isEmpty })
        world.core.shortage = nil
        try #require(world.play([try world.join(world.makeBrowser(), peerID: 9).session]))
    }

    /// A socket for a server that cannot be had ends the session, and tells nothing of the server.
    @Test func aMissingSocketIsNotTheServersFault() throws {
        let world = try SimulatedWorld(seed: 1) { $0.routes["godot"]?.pool.ejectAfter = 1 }
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.run(for: 5_000) { $0.core.status(of: session) == .connecting })
        try world.ask { core, now in
            core.serverSocketMissing(of: try #require(core.slot(of: session)), at: now)
        }
        world.run(for: .seconds(5))
        #expect(world.endReason(of: session) == .gatewayExhausted)
        #expect(browser.signs.contains(.aborted))
        #expect(world.metrics.routes.first { $0.name == "godot" }?.ejections == 0)
        try #require(world.play([try world.join(world.makeBrowser(), peerID: 9).session]))
    }
}
