import Primitives
import SDP
import SimulationSupport
import Testing

@testable import Gateway

/// A browser that changes networks in the middle of the game.
@Suite(.onTheSCTPStack) struct RestartTests {
    /// Numbered messages that the server echoes, some before and some after `change`, all of which must arrive in order.
    private func playThrough(_ change: (SimulatedWorld, SimulatedBrowser, SessionID) throws -> Void) throws {
        let world = try SimulatedWorld(seed: 5)
        let browser = try world.makeBrowser(channels: [.init(0, label: "0")])
        let answer = try world.join(browser, route: "plain")
        try #require(world.play([answer.session]))
        for number in 0..<50 as Range<UInt8> { browser.send([number], stream: 0) }
        // Some of them are still under way when the network changes.
        world.run(for: 20)
        try change(world, browser, answer.session)
        for number in 50..<100 as Range<UInt8> { browser.send([number], stream: 0) }
        #expect(world.run(for: 20_000) { _ in browser.received.count == 100 })
        #expect(browser.received.map(\.payload) == (0..<100 as Range<UInt8>).map { [$0] })
        #expect(world.endReason(of: answer.session) == nil)
        browser.close()
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        #expect(world.core.sessions.indexCount == 0)
    }

    @Test func aReboundAddressLosesNothing() throws {
        try playThrough { world, browser, _ in world.rebind(browser) }
    }

    @Test func anICERestartLosesNothing() throws {
        try playThrough { world, browser, session in
            world.rebind(browser)
            try world.restartICE(browser, session)
        }
    }

    @Test func restartsInARowLoseNothing() throws {
        try playThrough { world, browser, session in
            for _ in 1...3 {
                world.rebind(browser)
                try world.restartICE(browser, session)
                world.run(for: 15)
            }
        }
    }

    /// The answer to the PATCH is lost: the browser goes on with what it has.
    @Test func anUnfollowedRestartLosesNothing() throws {
        try playThrough { world, browser, session in
            let other = try world.makeBrowser()
            let fragment = try ICEFragment(parsing: Array(other.beginRestart().utf8))
            _ = try world.ask { try $0.update(session, fragment, iceTag: nil, at: $1) }
            // Longer than consent lasts without checks.
            world.run(for: 30_000)
        }
    }

    /// Before it has the answer Chromium may nominate its new port with the gateway's old credentials, drop the old port,
    /// and stay with those credentials for good.
    @Test func aNominationBeforeTheAnswerIsFollowed() throws {
        try playThrough { world, browser, session in
            let fragment = try ICEFragment(parsing: Array(browser.beginRestart().utf8))
            _ = try world.ask { try $0.update(session, fragment, iceTag: nil, at: $1) }
            world.rebind(browser)
            browser.checkNow(at: world.now)
        }
    }

    @Test func anEndedSessionCannotBeRestarted() throws {
        let world = try SimulatedWorld(seed: 6)
        let browser = try world.makeBrowser(channels: [.init(0, label: "0")])
        let answer = try world.join(browser, route: "plain")
        try #require(world.play([answer.session]))
        _ = world.ask { $0.leave(answer.session, at: $1) }
        #expect(throws: UpdateRefusal.sessionUnknown) { try world.restartICE(browser, answer.session) }
        #expect(world.run(for: 5_000) { $0.core.sessionCount == 0 })
        #expect(throws: UpdateRefusal.sessionUnknown) { try world.restartICE(browser, answer.session) }
    }
}
