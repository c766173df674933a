import Primitives

/// Which messages of a page waited out a blackout of the way, and come in a burst after it.
///
/// Where all that a page sends goes reliably, as Godot's does, what its game sent unreliably during a blackout comes after
/// it, all at once. TSNs do not show that (`ArrivalTimes`): nothing that was sent later came earlier. But a way that was
/// silent although our data waited for an acknowledgement was cut, and a game that sent at a steady pace before has most
/// likely gone on: then each message was sent one interval after the one before it, and is as old as that makes it.
struct BlackoutReplay {
    // Our choice.
    /// A silence this long is not the game's, when an acknowledgement is due: the longest delay of one is 200 ms (RFC 9260
    /// §6.2), and the way's own time is added.
    static let shortestSilence: Milliseconds = 300
    /// The browser's retransmission timer doubles (RFC 9260 §6.3.3), so a burst may begin as long after a silence as that
    /// lasted; but it has ended after this.
    private static let longestBurst: Milliseconds = 5_000
    /// Messages before a stream's pace is believed.
    private static let paceEvidence = 8

    private struct Pace {
        var last: Instant
        /// Mean time between two messages.
        var interval: Milliseconds = 0
        var messages = 0
        var catchUp: CatchUp?

        /// A pause is no pace: only gaps of a game that is sending count.
        mutating func note(gap: Milliseconds) {
            guard gap < BlackoutReplay.shortestSilence else { return }
            let mean = messages < 2 ? gap.nanoseconds : (7 * interval.nanoseconds + gap.nanoseconds) / 8
            interval = Milliseconds(nanoseconds: mean)
            messages = min(messages + 1, BlackoutReplay.paceEvidence)
        }
    }

    private var paces: [UInt16: Pace] = [:]
    private var burstEnd = Instant.zero

    /// The way carries again, after a silence.
    mutating func noteSilence(of span: Milliseconds, until now: Instant) {
        burstEnd = now + min(max(Milliseconds(2 * span.whole), 500), Self.longestBurst)
        for (stream, pace) in paces where pace.messages == Self.paceEvidence && pace.interval.nanoseconds > 0 {
            paces[stream]?.catchUp = CatchUp(after: pace.last, interval: pace.interval)
        }
    }

    /// Takes note of a message on `stream`, older than `staleAge` being too old. True when it is part of a burst that is
    /// not to be passed on.
    mutating func isReplayed(stream: UInt16, staleAge: Milliseconds, at now: Instant) -> Bool {
        guard var pace = paces.removeValue(forKey: stream) else {
            paces[stream] = Pace(last: now, messages: 1)
            return false
        }
        defer { paces[stream] = pace }
        let gap = now.since(pace.last)
        pace.last = now
        guard now < burstEnd, pace.catchUp != nil else {
            pace.catchUp = nil
            pace.note(gap: gap)
            return false
        }
        pace.catchUp?.note(at: now)
        if pace.catchUp?.isOver(staleAge: staleAge, at: now) == true { pace.catchUp = nil }
        return pace.catchUp != nil
    }
}

/// What comes on one stream after a blackout, and whether it is as old as the pace says.
private struct CatchUp {
    // Our choice.
    private static let slotLength: Milliseconds = 200
    /// Slots one after the other in which messages came at the game's own pace: then they are not from the blackout.
    private static let liveEvidence = 2

    private let interval: Milliseconds
    /// When the newest message was sent, if the game went on at its pace.
    private var sentAt: Instant
    private var slotStart: Instant?
    private var inSlot = 0
    private var liveSlots = 0

    init(after last: Instant, interval: Milliseconds) {
        self.interval = interval
        sentAt = last
    }

    mutating func note(at now: Instant) {
        sentAt = sentAt + interval
        guard let slotStart, now.since(slotStart) < Self.slotLength else { return beginSlot(at: now) }
        inSlot += 1
    }

    func isOver(staleAge: Milliseconds, at now: Instant) -> Bool {
        liveSlots == Self.liveEvidence || now.since(sentAt) < staleAge
    }

    private mutating func beginSlot(at now: Instant) {
        if let slotStart {
            let isNext = now < slotStart + Self.slotLength + Self.slotLength
            // A third more than the pace, and one for the slot's edge.
            let most = 4 * Self.slotLength.nanoseconds / (3 * interval.nanoseconds) + 1
            liveSlots = isNext && UInt64(inSlot) <= most ? liveSlots + 1 : 0
        }
        slotStart = now
        inSlot = 1
    }
}
