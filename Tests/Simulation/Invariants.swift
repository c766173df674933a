import SimulationSupport
import Testing

extension SimulatedWorld {
    /// Checks after every step what must always hold. The first breach is recorded, with the seed.
    func watch(seed: UInt64 = 0) {
        var isBroken = false
        afterStep = { world in
            guard !isBroken, let breach = world.breach else { return }
            isBroken = true
            Issue.record("seed \(seed): \(breach) at \(world.now)")
        }
    }

    /// After the end of every session: nothing may be left of them.
    func expectNothingLeft(seed: UInt64 = 0) {
        for browser in browsers { browser.vanish() }
        #expect(leftover == nil, "seed \(seed)")
    }
}
