import BenchmarkPlayers
import Primitives

/// Players who stay: everybody comes in, and then they are measured.
final class Play {
    private let crowd: Crowd
    private let process: ObservedProcesses
    private let own: ObservedProcesses
    private let residentBefore: Int
    private var ended = 0
    private var failures = 0
    /// Places of players whose joins failed.
    private var refused: [Int] = []
    private var reason = ""

    /// Only messages sent between these count.
    private var (windowStart, windowEnd) = (Instant(nanoseconds: .max), Instant(nanoseconds: .max))
    private var sent = 0
    private var late: [Milliseconds] = []
    private var trips: [Milliseconds] = []
    private var ways: [Milliseconds] = []
    /// What each player's latest message took until it had left.
    private var sendingTimes: [Milliseconds]
    private var bytes = 0
    private var underWay = 0
    private var turn = 0

    private static let patience: Milliseconds = .seconds(180)
    /// For what is still under way when a window ends.
    private static let aftermath: Milliseconds = 1_000
    /// Bytes of a bulk message, and how many may be on their way there and back.
    private static let bulkSize = 16 << 10
    private static let mostUnderWay = 512 << 10

    init(_ crowd: Crowd, _ process: ObservedProcesses, _ own: ObservedProcesses) {
        self.crowd = crowd
        self.process = process
        self.own = own
        residentBefore = process.residentBytes
        sendingTimes = Array(repeating: 0, count: crowd.players.count)
        crowd.onMessage = { [unowned self] place, message in receive(message, at: place) }
        crowd.onEnd = { [unowned self] place, reason in
            ended += 1
            refused.append(place)
            self.reason = reason
        }
    }

    /// Returns when all are in; whose join fails tries again.
    func letEverybodyIn(joining: Int) throws {
        let end = Clock.now + Self.patience
        var outside = Array(crowd.players.indices.reversed())
        while !outside.isEmpty || crowd.openingCount > 0 {
            while crowd.openingCount < joining, let next = outside.popLast() { try crowd.admit(next) }
            try crowd.step(until: end)
            outside += refused
            failures += refused.count
            refused.removeAll()
            guard Clock.now < end else {
                throw LoadError("\(outside.count + crowd.openingCount) players did not come in. \(reason)")
            }
        }
    }

    /// Nobody says anything.
    func idle(for span: Milliseconds) throws -> Measured {
        try measured(for: span) { end in
            while Clock.now < end { try crowd.step(until: end) }
        }
    }

    /// Everybody sends so many messages a second, at even distances over all of them.
    func send(rate: Double, size: Int, for span: Milliseconds) throws -> Measured {
        var message = State.message(size: size)
        let pause = Milliseconds(nanoseconds: UInt64(1_000_000_000 / (rate * Double(crowd.players.count))))
        var next = Clock.now
        func play(until end: Instant) throws {
            while Clock.now < end {
                try crowd.step(until: min(next, end))
                while next <= Clock.now, next < end {
                    sendNext(&message, due: next)
                    next = next + pause
                }
            }
        }
        return try measured(for: span, aftermath: { try play(until: $0) }, { try play(until: $0) })
    }

    /// One player sends as much as comes back.
    func transfer(for span: Milliseconds) throws -> Measured {
        var message = State.message(size: Self.bulkSize)
        return try measured(for: span) { end in
            while Clock.now < end {
                State.stamp(&message, at: Clock.now)
                while underWay + message.count <= Self.mostUnderWay, crowd.send(message, from: 0, at: Clock.now) {
                    underWay += message.count
                    sent += 1
                }
                try crowd.step(until: min(end, Clock.now + 1))
            }
        }
    }

    func leave() { crowd.players.indices.forEach(crowd.dismiss) }

    // MARK: - Inside

    private func measured(
        for span: Milliseconds, aftermath: ((Instant) throws -> Void)? = nil, _ body: (Instant) throws -> Void
    ) throws -> Measured {
        (sent, bytes, ended) = (0, 0, 0)
        late.removeAll(keepingCapacity: true)
        trips.removeAll(keepingCapacity: true)
        ways.removeAll(keepingCapacity: true)
        let window = Window(process, own)
        windowStart = Clock.now
        windowEnd = windowStart + span
        try body(windowEnd)
        var measured = Measured()
        window.close(into: &measured)
        measured.bytes = bytes
        // They go on as before, uncounted, so that what comes last comes as what came before.
        let end = Clock.now + Self.aftermath
        if let aftermath { try aftermath(end) }
        windowStart = Instant(nanoseconds: .max)
        measured.players = crowd.players.count
        measured.residentBefore = residentBefore
        measured.ended = ended
        measured.failures = failures
        measured.sent = sent
        measured.arrived = trips.count
        measured.trip = .init(trips)
        measured.way = .init(ways)
        measured.lateness = .init(late)
        measured.judge()
        return measured
    }

    private func sendNext(_ message: inout [UInt8], due: Instant) {
        let now = Clock.now
        State.stamp(&message, at: now)
        _ = crowd.send(message, from: turn, at: now)
        sendingTimes[turn] = Clock.now.since(now)
        turn = (turn + 1) % crowd.players.count
        guard isCounted(now) else { return }
        sent += 1
        late.append(now.since(due))
    }

    private func receive(_ message: UnsafeRawBufferPointer, at place: Int) {
        underWay -= min(message.count, underWay)
        bytes += message.count
        guard let sentAt = State.sentAt(message), isCounted(sentAt) else { return }
        let now = Clock.now
        trips.append(now.since(sentAt))
        guard let servedAt = crowd.servedAt, servedAt >= sentAt + sendingTimes[place] else { return }
        ways.append(servedAt.since(sentAt + sendingTimes[place]))
    }

    private func isCounted(_ sentAt: Instant) -> Bool { windowStart <= sentAt && sentAt < windowEnd }
}
