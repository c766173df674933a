import Foundation
import Primitives
import SimulationSupport
import Testing

private let joins = ProcessInfo.processInfo.environment["TORII_JOINS"].flatMap { Int($0) }

/// `TORII_JOINS=10000 swift test --filter JoinAndLeaveTests`: that many players come and go, each with a gateway of its
/// own on the one usrsctp there is. In the second half the process must not grow by more than 20 bytes for each.
@Suite(.onTheSCTPStack, .enabled(if: joins != nil, "TORII_JOINS says how many")) struct JoinAndLeaveTests {
    /// usrsctp keeps a tag it is done with for a minute: time goes on from one world to the next.
    private var now = Instant(nanoseconds: 3_000_000_321)

    @Test mutating func memoryStaysFlat() throws {
        let joins = try #require(joins)
        // The first look makes the runtime load what it looks with.
        _ = try residentBytes()
        for cycle in 0..<(joins / 2) { try joinAndLeave(cycle) }
        let before = try residentBytes()
        for cycle in (joins / 2)..<joins { try joinAndLeave(cycle) }
        let growth = try residentBytes() - before
        print("\(joins) joins: \(growth) bytes more than \(before) since the half")
        #expect(growth < joins / 2 * 20)
    }

    private mutating func joinAndLeave(_ cycle: Int) throws {
        let world = try SimulatedWorld(seed: UInt64(cycle), at: now)
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        browser.send([1, 2, 3, 4, 5, 6, 7], stream: 1)
        world.run(for: 50)
        if cycle.isMultiple(of: 2) { browser.close() } else { browser.vanish() }
        world.run(for: .seconds(40)) { $0.core.sessionCount == 0 }
        world.expectNothingLeft(seed: UInt64(cycle))
        now = world.now + .seconds(10)
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
    }
}
