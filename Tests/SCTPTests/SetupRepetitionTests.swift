import Primitives
import Testing

@testable import SCTP

/// When what sets an association up is said again, and when no more.
@Suite struct SetupRepetitionTests {
    private static let start: Instant = .zero + 1_000
    private static let initiation = packet([1, 0, 0, 4])
    private static let initiationAcknowledgement = packet([2, 0, 0, 4])
    private static let cookieEcho = packet([10, 0, 0, 4])
    private static let cookieAcknowledgement = packet([11, 0, 0, 4])

    private static func packet(_ chunk: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 12) + chunk }

    private static func data(_ tsn: UInt8, identifier: UInt8) -> [UInt8] {
        packet([0, 3, 0, 17, 0, 0, 0, tsn, 0, 0, 0, 0, 0, 0, 0, identifier, 2, 0, 0, 0])
    }

    private static func sack(_ tsn: UInt8) -> [UInt8] {
        packet([3, 0, 0, 16, 0, 0, 0, tsn, 0, 0, 255, 255, 0, 0, 0, 0])
    }

    private func send(_ packet: [UInt8], _ setup: inout SetupRepetition, tick: Instant? = nil) {
        packet.withUnsafeBytes { setup.noteSent($0, PacketContents($0), tick: tick) }
    }

    private func receive(_ packet: [UInt8], _ setup: inout SetupRepetition, at now: Instant = start) {
        packet.withUnsafeBytes { setup.noteReceived($0, PacketContents($0), at: now) }
    }

    @Test func itIsSaidThriceEachTimeLater() {
        var setup = SetupRepetition(roundTrip: 10, at: Self.start)
        #expect(setup.deadline == nil)
        send(Self.initiation, &setup)
        for wait in [50, 100, 200] as [UInt64] {
            let due = setup.deadline
            #expect(setup.due(at: Self.start) == nil)
            guard let due else { return #expect(Bool(false), "nothing waits") }
            #expect(setup.due(at: due) == Self.initiation)
            if wait < 200 { #expect(setup.deadline == due + Milliseconds(2 * wait)) }
        }
        #expect(setup.deadline == nil)
    }

    /// Twice a round trip, but no longer than usrsctp waits itself.
    @Test(arguments: [(0, 50), (30, 60), (100, 200), (300, 500), (10_000, 500)] as [(UInt64, UInt64)])
    func itWaitsForARoundTrip(roundTrip: UInt64, wait: UInt64) {
        var setup = SetupRepetition(roundTrip: Milliseconds(roundTrip), at: Self.start)
        send(Self.cookieEcho, &setup)
        #expect(setup.deadline == Self.start + Milliseconds(wait))
    }

    /// What usrsctp's timers send waits from then on, and not from when the peer was last heard.
    @Test func whatATimerSendsWaitsAsLong() {
        var setup = SetupRepetition(roundTrip: 10, at: Self.start)
        receive(Self.initiation, &setup)
        send(Self.initiation, &setup, tick: Self.start + 500)
        #expect(setup.deadline == Self.start + 550)
    }

    /// However often usrsctp sends anew.
    @Test func thereIsAnEndToIt() {
        var setup = SetupRepetition(roundTrip: 10, at: Self.start)
        var count = 0
        for round in 1...10 {
            send(Self.initiation, &setup, tick: Self.start + Milliseconds(UInt64(round) * 1_000))
            while let due = setup.deadline, setup.due(at: due) != nil { count += 1 }
        }
        #expect(count == SetupRepetition.mostInAll && setup.deadline == nil)
    }

    @Test func answersEndIt() {
        let answered = [
            (Self.initiation, Self.initiationAcknowledgement), (Self.initiation, Self.cookieEcho),
            (Self.initiationAcknowledgement, Self.cookieEcho), (Self.cookieEcho, Self.cookieAcknowledgement),
            (Self.cookieEcho, Self.data(1, identifier: 50)), (Self.data(7, identifier: 50), Self.sack(7)),
            (Self.data(7, identifier: 50), Self.sack(9)),
        ]
        for (sent, answer) in answered {
            var setup = SetupRepetition(roundTrip: 10, at: Self.start)
            send(sent, &setup)
            receive(answer, &setup)
            #expect(setup.deadline == nil, "\(sent), \(answer)")
        }
        let unanswered = [
            (Self.initiation, Self.initiation), (Self.cookieEcho, Self.initiationAcknowledgement),
            (Self.data(7, identifier: 50), Self.sack(6)), (Self.data(7, identifier: 50), Self.data(1, identifier: 50)),
        ]
        for (sent, other) in unanswered {
            var setup = SetupRepetition(roundTrip: 10, at: Self.start)
            send(sent, &setup)
            receive(other, &setup)
            #expect(setup.deadline != nil, "\(sent), \(other)")
        }
    }

    /// What a page sends may be meant to be lost, and answers of SCTP's are the peer's to ask for again.
    @Test func nothingElseIsSaidAgain() {
        for packet in [
            Self.data(1, identifier: 53), Self.sack(1), Self.cookieAcknowledgement, [],
            [UInt8](repeating: 0, count: 12),
        ] {
            var setup = SetupRepetition(roundTrip: 10, at: Self.start)
            send(packet, &setup)
            #expect(setup.deadline == nil)
        }
    }
}
