import Primitives
import Testing

@testable import Gateway
@testable import Operations

/// What is kept of each session's life, and for how long.
@Suite struct SessionJournalTests {
    private let journal = SessionJournal()

    private func id(_ number: UInt32) throws -> SessionID {
        let digits = String(number, radix: 16)
        return try #require(
            SessionID(String(repeating: "0", count: 8 - digits.count) + digits + String(repeating: "f", count: 24)))
    }

    private func note(_ kind: SessionEvent.Kind, of number: UInt32 = 1, at time: UInt64 = 5) throws {
        journal.note(SessionEvent(session: try id(number), route: "world", server: nil, kind: kind), at: time)
    }

    private func events(_ number: UInt32 = 1) throws -> [SessionTimeline.Event] {
        let timeline = try #require(journal[id(number)]).timeline
        return (timeline.first + timeline.latest).map(\.event)
    }

    @Test func aLifeIsKeptInOrderUntilAfterItsEnd() throws {
        let path = Path.udp(TransportAddress(ipv4: 0xC000_0201, port: 5000))
        for (time, kind) in [
            (1, .joined(peerID: nil)), (2, .reached(path)), (3, .secured(after: 3)), (4, .opened(after: 4)),
            (5, .playing(after: 5)), (6, .stalled(.toBrowser)), (7, .recovered(.toBrowser)), (8, .moved(path)),
        ] as [(UInt64, SessionEvent.Kind)] { try note(kind, at: time) }
        #expect(try journal[id(1)]?.carried == nil)
        var counters = SessionCounters()
        counters.toServer.count(.reliable, bytes: 3)
        try note(.ended(.removedByOperator("a"), after: 9, counters: counters), at: 9)
        let record = try #require(journal[id(1)])
        #expect(record.route == "world" && record.carried == counters)
        #expect(
            try events() == [
                .joined, .reached(path), .secured, .opened, .playing, .stalled(.toBrowser), .recovered(.toBrowser),
                .moved(path), .ended(.removedByOperator("a")),
            ])
        #expect((record.timeline.first + record.timeline.latest).map(\.time) == Array(1...9))
        #expect(try journal.ended(limit: 5).map(\.id) == [id(1)])
    }

    @Test func aLongLifeKeepsItsBeginningAndItsEnd() throws {
        try note(.joined(peerID: nil), at: 0)
        for time in 1...1000 as ClosedRange<UInt64> { try note(.stalled(.toServer), at: time) }
        let timeline = try #require(journal[id(1)]).timeline
        #expect(timeline.first.map(\.time) == Array(0..<UInt64(SessionTimeline.firstLimit)))
        #expect(timeline.latest.map(\.time) == Array((1001 - UInt64(SessionTimeline.latestLimit))...1000))
        #expect(timeline.leftOut == UInt64(1001 - SessionTimeline.firstLimit - SessionTimeline.latestLimit))
    }

    @Test func onlyTheLastThatEndedAreKnown() throws {
        let count = UInt32(SessionJournal.endedLimit) + 10
        for number in 1...count {
            try note(.joined(peerID: nil), of: number)
            try note(.ended(.playerLeft, after: 1, counters: SessionCounters()), of: number)
        }
        #expect(try journal[id(10)]?.id == nil)
        #expect(try journal[id(11)]?.id == id(11))
        #expect(try journal.ended(limit: 2).map(\.id) == [id(count), id(count - 1)])
        #expect(journal.ended(limit: 10_000).count == SessionJournal.endedLimit)
        // What comes of one that is not known, is not.
        try note(.stalled(.toServer), of: 9_999)
        #expect(try journal[id(9_999)]?.id == nil)
    }

    @Test func aSessionIsFoundAsTheLogNamesIt() throws {
        try note(.joined(peerID: nil), of: 0xA)
        try note(.joined(peerID: nil), of: 0xB)
        try note(.ended(.playerLeft, after: 1, counters: SessionCounters()), of: 0xB)
        #expect(try journal.sessions(shortened: "0000000a") == [id(0xA)])
        #expect(try journal.sessions(shortened: "0000000b") == [id(0xB)])
        for text in ["0000000c", "a", "0000000a0", "", "+000000a", "-000000a"] {
            #expect(journal.sessions(shortened: text) == [], "\(text)")
        }
    }
}
