import Primitives
import SimulationSupport
import Testing

@testable import Gateway

@Suite struct JoinLimitTests {
    private let now = Instant(nanoseconds: 5_000_000_000)
    private let source = TransportAddress(ipv4: 0xCB00_7101, port: 0)

    @Test func aSourceIsAHostOrItsNetwork() throws {
        let host = TransportAddress(ipv4: 0xCB00_7101, port: 99)
        #expect(JoinLimit.source(of: host) == source)
        let one = try #require(TransportAddress(literal: "2001:db8:1:2::3", port: 7))
        let other = try #require(TransportAddress(literal: "2001:db8:1:2:ffff::4", port: 8))
        let elsewhere = try #require(TransportAddress(literal: "2001:db8:1:3::3", port: 7))
        #expect(JoinLimit.source(of: one) == JoinLimit.source(of: other))
        #expect(JoinLimit.source(of: one) != JoinLimit.source(of: elsewhere))
        #expect(JoinLimit.source(of: nil) == nil)
        #expect(JoinLimit.source(of: TransportAddress(ipv4: 0x7F00_0001, port: 5)) == nil)
    }

    @Test func noMoreThanTheLimitAreUnderWay() throws {
        var joins = JoinLimit()
        for _ in 0..<4 { try joins.begin(source, limit: 4, at: now) }
        // However long they take.
        let later = now + .seconds(60)
        #expect(throws: JoinRefusal.tooManyJoins) { try joins.begin(source, limit: 4, at: later) }
        try joins.begin(TransportAddress(ipv4: 0xCB00_7102, port: 0), limit: 4, at: later)
        joins.end(source, at: later)
        try joins.begin(source, limit: 4, at: later)
    }

    @Test func noMoreThanTheLimitBeginInASpan() throws {
        var joins = JoinLimit()
        func join(at time: Instant) throws {
            try joins.begin(source, limit: 5, at: time)
            joins.end(source, at: time)
        }
        for _ in 0..<5 { try join(at: now) }
        #expect(throws: JoinRefusal.tooManyJoins) { try join(at: now + 999) }
        try join(at: now + 1_000)
        #expect(throws: JoinRefusal.tooManyJoins) { try join(at: now + 1_000) }
        for _ in 0..<5 { try join(at: now + .seconds(30)) }
    }

    @Test func theTableIsBoundedAndForgets() throws {
        var joins = JoinLimit()
        let sources = (0..<UInt32(JoinLimit.sourceLimit)).map { TransportAddress(ipv4: 0x0A00_0000 + $0, port: 0) }
        for source in sources { try joins.begin(source, limit: 1, at: now) }
        #expect(throws: JoinRefusal.full) { try joins.begin(source, limit: 1, at: now) }
        for source in sources { joins.end(source, at: now) }
        // What was quick to come and go is remembered for its rate, as long as that matters.
        #expect(throws: JoinRefusal.full) { try joins.begin(source, limit: 1, at: now) }
        try joins.begin(source, limit: 1, at: now + JoinLimit.span)
        #expect(joins.count == 1)
    }
}

extension GatewayCoreTests {
    /// Half-open sessions of one source keep nobody else out, and those that come in make room.
    @Test func oneSourceHasSoManyJoinsUnderWay() throws {
        let world = try SimulatedWorld(seed: 1) { $0.joinLimitPerSource = 3 }
        let source = TransportAddress(ipv4: 0xCB00_71FE, port: 1)
        var sessions: [SessionID] = []
        for _ in 0..<3 { sessions.append(try world.join(world.makeBrowser(), from: source).session) }
        #expect(throws: JoinRefusal.tooManyJoins) {
            try world.join(world.makeBrowser(), peerID: 9, from: source)
        }
        #expect(world.core.sessionCount == 3 && world.core.ports.count == 3)
        // The refusal took nothing, and is nobody else's.
        try world.join(world.makeBrowser(), peerID: 9, from: TransportAddress(ipv4: 0xCB00_71FD, port: 1))
        try #require(world.play(sessions))
        world.run(for: JoinLimit.span)
        sessions.append(try world.join(world.makeBrowser(), from: source).session)
        try #require(world.play(sessions))
    }
}
