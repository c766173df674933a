import Primitives
import SimulationSupport
import Testing

@testable import Gateway

extension GatewayCoreTests {
    private static let source = TransportAddress(ipv4: 0xCB00_71FE, port: 1)
    private static let other = TransportAddress(ipv4: 0xCB00_71FD, port: 1)

    @Test func oneSourceHasSoManySessions() throws {
        let world = try SimulatedWorld(seed: 1) { $0.sessionLimitPerSource = 2 }
        let browsers = try (0..<2).map { _ in try world.makeBrowser() }
        let sessions = try browsers.map { try world.join($0, from: Self.source).session }
        try #require(world.play(sessions))
        // That they play makes no room, other than for joins.
        #expect(throws: JoinRefusal.tooManySessions) {
            try world.join(world.makeBrowser(), peerID: 9, from: Self.source)
        }
        #expect(world.core.sessionCount == 2 && world.core.ports.count == 2)
        try world.join(world.makeBrowser(), peerID: 9, from: Self.other)
        // The host itself has no limit.
        for _ in 0..<3 { try world.join(world.makeBrowser(), from: TransportAddress(ipv4: 0x7F00_0001, port: 1)) }
        _ = world.core.leave(sessions[0], disconnectData: nil, at: world.now)
        world.run(for: 5_000) { $0.core.status(of: sessions[0])?.label == "ended" }
        try world.join(world.makeBrowser(), from: Self.source)
    }

    @Test func everybodyTogetherHasSoManyJoinsUnderWay() throws {
        let world = try SimulatedWorld(seed: 2) { $0.joiningLimit = 2 }
        let sessions = try (0..<2).map { _ in try world.join(world.makeBrowser()).session }
        #expect(throws: JoinRefusal.tooManyJoinsOverall) { try world.join(world.makeBrowser(), peerID: 9) }
        #expect(world.core.overall.joining == 2)
        try #require(world.play(sessions))
        #expect(world.core.overall.joining == 0)
        try world.join(world.makeBrowser(), peerID: 9)
        // One that never comes in makes room when its time is over.
        world.run(for: 20_000)
        #expect(world.core.overall.joining == 0)
    }

    @Test func everybodyTogetherBeginsSoManyJoinsInASecond() throws {
        let world = try SimulatedWorld(seed: 3) {
            $0.joinsPerSecond = 3
            $0.joinLimitPerSource = 1
        }
        try world.join(world.makeBrowser(), from: Self.source)
        // Who is over a limit of its own takes nothing from the others.
        for _ in 0..<5 {
            #expect(throws: JoinRefusal.tooManyJoins) { try world.join(world.makeBrowser(), from: Self.source) }
        }
        for _ in 0..<2 { try world.join(world.makeBrowser()) }
        #expect(throws: JoinRefusal.tooManyJoinsOverall) { try world.join(world.makeBrowser(), from: Self.other) }
        world.run(for: 1_100)
        // The refusal did not count for the other source either.
        world.run(for: JoinLimit.span)
        try world.join(world.makeBrowser(), from: Self.other)
    }

    @Test func sourcesAreForgottenWithTheirSessions() throws {
        let world = try SimulatedWorld(seed: 4)
        let session = try world.join(world.makeBrowser(), from: Self.source).session
        #expect(world.core.overall.sourceCount == 1)
        _ = world.core.leave(session, disconnectData: nil, at: world.now)
        world.run(for: 5_000)
        #expect(world.core.overall.sourceCount == 0)
    }
}
