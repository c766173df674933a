import ENet
import Gateway
import Primitives
import SDP
import SimulationSupport

/// Sessions that play and say nothing for a while.
enum Idle {
    private static let wait = Milliseconds.seconds(20)
    // Our choice: a little more than what was measured.
    private static let limit = 67_500

    /// Prints what one of `count` costs, by who began DTLS.
    static func measure(_ count: Int) throws {
        for (name, setup) in [("client", DTLSSetup.active), ("server", .passive)] {
            // The first make what is made once.
            _ = try bytesPerSession(2, browserIs: setup)
            let bytes = try bytesPerSession(count, browserIs: setup)
            JoinMemory.say("with the browser as DTLS's \(name): \(bytes) bytes a session")
            guard bytes <= limit else { throw Failure(description: "\(limit) are allowed") }
        }
    }

    private static func bytesPerSession(_ count: Int, browserIs setup: DTLSSetup) throws -> Int {
        let world = try SimulatedWorld(seed: 1) { $0.sessionLimit = count }
        world.server.behaviour = .echoes
        var browsers: [SimulatedBrowser] = []
        for _ in 0..<count {
            let browser = try world.makeBrowser(channels: [.init(0, label: "0")], setup: setup)
            guard world.play([try world.join(browser, route: "plain").session]) else {
                throw Failure(description: "a player did not come in")
            }
            browser.send([1], stream: 0)
            browsers.append(browser)
        }
        world.run(for: wait)
        for browser in browsers { world.network.blackouts[browser.address.host] = Instant(nanoseconds: .max) }
        world.forgetThePast()
        guard world.core.sessionCount == count else { throw Failure(description: "sessions have ended") }
        let full = JoinMemory.heap
        world.ask { core, now in core.stop(at: now) }
        guard world.run(for: .seconds(10), until: { $0.core.sessionCount == 0 }) else {
            throw Failure(description: "sessions go on")
        }
        return (full - JoinMemory.heap) / count
    }
}
