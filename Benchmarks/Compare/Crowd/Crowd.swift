import BenchmarkPlayers
import Primitives
import SCTP

/// Where players go.
enum Destination {
    /// Straight to servers, or to a relay: to each in turn.
    case native([TransportAddress])
    /// To gateways, with offers: to each in turn.
    case web([JoinURL])
}

/// Players on one thread, each in a place of its own that another may have later: it sleeps until a datagram or an answer
/// comes, the time it is told is there or a timer must be looked at.
final class Crowd {
    struct Arrival {
        let posted: Instant
        var answered: Instant?
        var opened: Instant?
    }

    private(set) var players: [(any Player)?]
    /// How each place's player came in.
    private(set) var arrivals: [Arrival?]
    /// Called with a player's place.
    var onOpen: (Int) -> Void = { _ in }
    var onMessage: (Int, UnsafeRawBufferPointer) -> Void = { _, _ in }
    /// Called with the place of one who is no more, and why.
    var onEnd: (Int, String) -> Void = { _, _ in }
    /// When the datagrams were read that are being served.
    private(set) var servedAt: Instant?

    private let destination: Destination
    private let traffic: Traffic
    private let isNegotiated: Bool
    private let poll: SocketPoll
    private let batch = DatagramBatch()
    private let signaler: Signaler?
    private let browsers: WebBrowsers
    /// Places of those who are not in yet.
    private var opening: Set<Int> = []
    private var count = 0
    private var nextTick = Clock.now
    private var scanned = 0

    private static let signalerToken = UInt64.max
    /// How often protocols' timers are looked at, while somebody joins and otherwise.
    private static let (quickTick, tick): (Milliseconds, Milliseconds) = (2, 10)
    /// Of players who are in, one in so many is looked at in each tick.
    private static let scanParts = 2
    private static let portCount = 60_000
    private static let mostThreads = 64

    /// - Parameters:
    ///   - joining: how many may be joining at once.
    ///   - isNegotiated: web players' channels are ones that both sides know of beforehand.
    init(_ destination: Destination, places: Int, joining: Int, traffic: Traffic, isNegotiated: Bool) throws {
        self.destination = destination
        self.isNegotiated = isNegotiated
        self.traffic = traffic
        players = Array(repeating: nil, count: places)
        arrivals = Array(repeating: nil, count: places)
        poll = try SocketPoll()
        browsers = try WebBrowsers()
        if case .web(let urls) = destination {
            let signaler = Signaler(urls, threads: min(joining, Self.mostThreads))
            try poll.watch(signaler.descriptor, as: Self.signalerToken)
            self.signaler = signaler
        } else {
            signaler = nil
        }
    }

    var openingCount: Int { opening.count }

    /// Has somebody new come to a place.
    func admit(_ place: Int) throws {
        let player: any Player
        let now = Clock.now
        arrivals[place] = Arrival(posted: now)
        opening.insert(place)
        switch destination {
        case .native(let addresses):
            player = try NativePlayer(server: addresses[count % addresses.count], traffic: traffic)
        case .web:
            let web = WebPlayer(browsers, number: count % Self.portCount, traffic: traffic, isNegotiated: isNegotiated)
            signaler?.post(place, web.offer, to: count)
            player = web
        }
        count += 1
        player.onMessage = { [unowned self] in onMessage(place, $0) }
        players[place] = player
        if player.socket != nil { try watch(player, place) }
    }

    /// Who has this place leaves, and is forgotten.
    func dismiss(_ place: Int) {
        guard let player = players[place] else { return }
        player.leave(at: Clock.now)
        player.settle(at: Clock.now)
        players[place] = nil
        opening.remove(place)
    }

    /// False where the player's queues take no more.
    func send(_ message: [UInt8], from place: Int, at now: Instant) -> Bool {
        guard let player = players[place] else { return false }
        let isTaken = message.withUnsafeBytes { player.send($0, at: now) }
        player.settle(at: now)
        return isTaken
    }

    /// Waits, at most until `end`, and serves whoever something has come for.
    func step(until end: Instant) throws {
        var hasAnswers = false
        poll.wait(until: min(nextTick, end)) { token in
            if token == Self.signalerToken { hasAnswers = true } else { serve(Int(token)) }
        }
        if hasAnswers { try takeAnswers() }
        if nextTick <= Clock.now { lookAtTimers() }
    }

    // MARK: - Inside

    private func watch(_ player: any Player, _ place: Int) throws {
        guard let socket = player.socket else { return }
        try poll.watch(socket.descriptor, as: UInt64(place))
        settle(place, player, at: Clock.now)
    }

    private func takeAnswers() throws {
        guard let signaler else { return }
        for (place, answer) in signaler.take() {
            guard let player = players[place] as? WebPlayer else { continue }
            switch answer {
            case .success(let sdp):
                arrivals[place]?.answered = Clock.now
                try player.start(answer: sdp, at: Clock.now)
                try watch(player, place)
            case .failure(let error): end(place, error.sentence)
            }
        }
    }

    private func serve(_ place: Int) {
        guard let player = players[place], let socket = player.socket else { return }
        let now = Clock.now
        servedAt = now
        batch.receive(from: socket) { player.receive($0, at: now) }
        settle(place, player, at: now)
        servedAt = nil
    }

    private func settle(_ place: Int, _ player: any Player, at now: Instant) {
        player.settle(at: now)
        if let reason = player.end { return end(place, reason) }
        guard player.isOpen, opening.remove(place) != nil else { return }
        arrivals[place]?.opened = Clock.now
        onOpen(place)
    }

    private func end(_ place: Int, _ reason: String) {
        players[place] = nil
        opening.remove(place)
        onEnd(place, reason)
    }

    private func lookAtTimers() {
        let now = Clock.now
        SCTPStack.shared.startTicking(at: now)
        SCTPStack.shared.advance(to: now)
        // Whose association made a packet says so itself.
        SCTPStack.shared.drainTouched { _ in }
        for place in opening { settleIfDue(place, at: now) }
        let part = (players.count + Self.scanParts - 1) / Self.scanParts
        let from = scanned * part
        for place in from..<min(from + part, players.count) { settleIfDue(place, at: now) }
        scanned = from + part >= players.count ? 0 : scanned + 1
        nextTick = now + (opening.isEmpty ? Self.tick : Self.quickTick)
    }

    private func settleIfDue(_ place: Int, at now: Instant) {
        guard let player = players[place], let deadline = player.nextDeadline, deadline <= now else { return }
        settle(place, player, at: now)
    }
}
