import BenchmarkPlayers
import Primitives
import SCTP

/// All players on one thread: it sleeps until a datagram comes, a message is due or a timer must be looked at.
final class LoadLoop {
    private let players: [any Player]
    private var message: [UInt8]
    /// From one player's message to the next one's.
    private let pause: Milliseconds
    private let poll: SocketPoll
    private let batch = DatagramBatch()
    private let answers = Answers()

    private var sent = 0
    private var nextMessage = Clock.now
    private var nextTick = Clock.now
    private var window = Window()
    /// Only messages sent between these count.
    private var (windowStart, windowEnd) = (Instant(nanoseconds: .max), Instant(nanoseconds: .max))
    private var hasHeard: [Bool]

    /// How often protocols' timers are looked at.
    private static let tick: Milliseconds = 5
    private static let patience: Milliseconds = .seconds(60)

    init(_ players: [any Player], rate: Int, size: Int) throws {
        self.players = players
        message = State.message(size: size)
        pause = Milliseconds(nanoseconds: 1_000_000_000 / UInt64(rate * players.count))
        hasHeard = players.map { _ in false }
        poll = try SocketPoll()
        for index in players.indices {
            players[index].onMessage = { [unowned self] in receive($0, of: index) }
            try watchSocket(of: index)
        }
    }

    /// Returns when each player has got a message back.
    func letEverybodyIn(through url: JoinURL?) throws {
        if let url {
            answers.ask(
                url,
                players.enumerated().compactMap { index, player in (player as? WebPlayer).map { (index, $0.offer) } })
        }
        let end = Clock.now + Self.patience
        while hasHeard.contains(false), Clock.now < end {
            step(until: end)
            for (index, answer) in answers.take() {
                try (players[index] as? WebPlayer)?.start(answer: answer.get(), at: Clock.now)
                try watchSocket(of: index)
            }
            if let end = players.lazy.compactMap(\.end).first { throw LoadError("A player did not come in: \(end).") }
        }
        let missing = hasHeard.count { !$0 }
        guard missing == 0 else { throw LoadError("\(missing) players heard nothing for a minute.") }
    }

    /// Plays for so long, and waits for what is still under way.
    func measure(for span: Milliseconds) -> Window {
        let start = Clock.now
        let before = Usage.now
        window = Window()
        (windowStart, windowEnd) = (start, start + span)
        while Clock.now < windowEnd { step(until: windowEnd) }
        window.note(cpu: Usage.now - before, of: Clock.now.since(start), ended: players.count { $0.end != nil })
        // They go on playing, uncounted, so that what comes last comes as what came before.
        let end = Clock.now + .seconds(1)
        while Clock.now < end { step(until: end) }
        windowStart = Instant(nanoseconds: .max)
        return window
    }

    func leave() {
        for player in players {
            player.leave(at: Clock.now)
            player.settle(at: Clock.now)
        }
    }

    // MARK: - Inside

    private func step(until end: Instant) {
        poll.wait(until: min(nextMessage, nextTick, end)) { serve(players[Int($0)]) }
        while nextMessage <= Clock.now { sendNext() }
        if nextTick <= Clock.now { lookAtTimers() }
    }

    private func serve(_ player: any Player) {
        guard let socket = player.socket else { return }
        batch.receive(from: socket) { player.receive($0, at: Clock.now) }
        player.settle(at: Clock.now)
    }

    private func sendNext() {
        let player = players[sent % players.count]
        let now = Clock.now
        State.stamp(&message, at: now)
        message.withUnsafeBytes { _ = player.send($0, at: now) }
        player.settle(at: now)
        if isCounted(now) { window.noteSent(player.kind, late: now.since(nextMessage)) }
        sent += 1
        nextMessage = nextMessage + pause
    }

    private func lookAtTimers() {
        let now = Clock.now
        SCTPStack.shared.startTicking(at: now)
        SCTPStack.shared.advance(to: now)
        // Whose association made a packet says so itself.
        SCTPStack.shared.drainTouched { _ in }
        for player in players {
            guard let deadline = player.nextDeadline, deadline <= now else { continue }
            player.settle(at: now)
        }
        nextTick = now + Self.tick
    }

    private func receive(_ message: UnsafeRawBufferPointer, of index: Int) {
        hasHeard[index] = true
        guard let sentAt = State.sentAt(message), isCounted(sentAt) else { return }
        window.noteArrived(players[index].kind, after: Clock.now.since(sentAt))
    }

    private func isCounted(_ sentAt: Instant) -> Bool { windowStart <= sentAt && sentAt < windowEnd }

    private func watchSocket(of index: Int) throws {
        guard let socket = players[index].socket else { return }
        try poll.watch(socket.descriptor, as: UInt64(index))
    }
}
