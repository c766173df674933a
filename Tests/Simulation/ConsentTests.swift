import Gateway
import Primitives
import SimulationSupport
import Testing

/// How long a browser may stay silent before it counts as gone is the operator's to say (RFC 7675 for the idea; a lite
/// agent sees it from the checks that arrive).
@Suite(.onTheSCTPStack) struct ConsentTests {
    private func playing(timeout: Milliseconds) throws -> (SimulatedWorld, SimulatedBrowser, SessionID) {
        let world = try SimulatedWorld(seed: 1) { $0.consentTimeout = timeout }
        world.watch()
        let browser = try world.makeBrowser()
        let answer = try world.join(browser)
        try #require(world.play([answer.session]))
        return (world, browser, answer.session)
    }

    @Test(arguments: [10_000, 60_000, 120_000] as [UInt64]) func withoutChecksItEndsAfterThatLong(timeout: UInt64)
        throws
    {
        let (world, browser, session) = try playing(timeout: Milliseconds(timeout))
        let start = world.now
        browser.vanish()
        #expect(world.run(for: 200_000) { $0.core.sessionCount == 0 })
        #expect(world.endReason(of: session) == .browserVanished)
        // The last check was up to 2.5 s ago, and the server is told for up to 0.2 s.
        #expect((timeout - 3_000...timeout + 200).contains(world.now.since(start).whole))
        world.expectNothingLeft()
    }

    /// Nothing but checks for minutes, and a network that is gone for a little less than the time allowed.
    @Test func withChecksItLives() throws {
        let (world, browser, session) = try playing(timeout: 10_000)
        world.run(for: 300_000)
        #expect(world.core.status(of: session) == .playing)
        world.network.blackouts[browser.address.host] = world.now + 7_000
        world.run(for: 20_000)
        #expect(world.core.status(of: session) == .playing)
        browser.send([1, 2, 3], stream: 1)
        #expect(world.run(for: 5_000) { _ in browser.received.last?.payload == [1, 2, 3] })
    }
}
