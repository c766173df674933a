import Foundation
import SimulationSupport
import Testing

private let joins = ProcessInfo.processInfo.environment["TORII_JOINS"].flatMap { Int($0) }

/// `TORII_JOINS=10000 swift test --filter JoinAndLeaveTests`: that many players come and go in one gateway, after a
/// tenth as many to warm up, and the process must not have grown by more than 50 bytes for each.
@Suite(.onTheSCTPStack, .enabled(if: joins != nil, "TORII_JOINS says how many")) struct JoinAndLeaveTests {
    @Test func memoryStaysFlat() throws {
        let joins = try #require(joins)
        for cycle in 0..<(joins / 10) { try joinAndLeave(UInt64(cycle)) }
        let before = try residentBytes()
        for cycle in 0..<joins {
            try joinAndLeave(UInt64(cycle))
            if (cycle + 1).isMultiple(of: max(1, joins / 10)) {
                print("\(cycle + 1) joins: \(try residentBytes() - before) bytes more than \(before)")
            }
        }
        let growth = try residentBytes() - before
        #expect(growth < joins * 50)
    }

    private func joinAndLeave(_ seed: UInt64) throws {
        let world = try SimulatedWorld(seed: seed)
        let browser = try world.makeBrowser()
        let session = try world.join(browser).session
        try #require(world.play([session]))
        browser.send([1, 2, 3, 4, 5, 6, 7], stream: 1)
        world.run(for: 50)
        if seed.isMultiple(of: 2) { browser.close() } else { browser.vanish() }
        world.run(for: .seconds(40)) { $0.core.sessionCount == 0 }
        world.expectNothingLeft(seed: seed)
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
    }
}
