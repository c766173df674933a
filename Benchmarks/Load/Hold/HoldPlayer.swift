import BenchmarkPlayers
import Primitives
import SDP
import SimulationSupport

/// A web player with state and reliable messages, who joins, plays and ends by its plan.
final class HoldPlayer {
    enum Stage {
        /// Its offer is under way, or what the gateway made of its end.
        case waiting
        case joining
        case playing
        /// It sends no more, and waits for what it sent to come back.
        case finishing(since: Instant)
        case over(Outcome)
    }

    enum Outcome {
        /// As planned, with every reliable message back.
        case left
        case vanished
        /// The connection ended, and not because of this side.
        case ended
        /// Its last messages did not come back though nothing ended.
        case unanswered
    }

    let number: Int
    let plan: PlayerPlan
    let offer: String
    let browser: SimulatedBrowser
    /// The path of its session.
    private(set) var session = ""
    private(set) var stage = Stage.waiting
    private(set) var way: (any Way)?
    private(set) var ledger: ReliableLedger
    private(set) var states = StateCount()
    private var gateway: GatewayAddresses?
    private var random: SeededRandom
    private var leaving = Instant(nanoseconds: .max)
    private var nextState = Instant.zero
    private var nextReliable = Instant.zero
    private var nextBurst = Instant.zero
    private var nextRebinding = Instant.zero

    private static let statePause: Milliseconds = 50
    private static let stateSize = 100
    private static let reliablePauses: ClosedRange<UInt64> = 50...500
    private static let burstPauses: ClosedRange<UInt64> = 20_000...120_000
    private static let rebindingPauses: ClosedRange<UInt64> = 20_000...180_000
    /// How long what was sent may take to come back at the end.
    private static let patience: Milliseconds = .seconds(60)
    /// What a page would let wait.
    private static let sendRoom = 1 << 20

    /// - Parameter port: for SCTP, unlike any other player's.
    init(number: Int, port: Int, plan: PlayerPlan, browsers: WebBrowsers) {
        self.number = number
        self.plan = plan
        browser = browsers.make(number: port, channels: [.state, .init(2, label: "1")])
        offer = browser.makeOffer()
        ledger = ReliableLedger(player: number)
        random = SeededRandom(seed: plan.seed)
        browser.onMessage = { [unowned self] _, message in take(message) }
    }

    var isOver: Bool { if case .over = stage { true } else { false } }
    var isPlaying: Bool { if case .playing = stage { true } else { false } }

    func start(session: String, answer: String, gateway: GatewayAddresses, at now: Instant) throws {
        self.session = session
        self.gateway = gateway
        try connect()
        try browser.start(answer: answer, at: now)
        stage = .joining
    }

    /// As when a NAT forgets: the same connection goes on from another port.
    private func connect() throws {
        guard let gateway else { return }
        way =
            plan.isOverTCP
            ? try StreamWay(to: gateway.tcp) : try DatagramWay(to: gateway.udp, plan.faults, seed: random.next())
    }

    /// Sends something that is not a browser's from the browser's own address. On a connection nobody else can.
    func spoof(_ bytes: [UInt8], at now: Instant) {
        if !plan.isOverTCP { way?.send(bytes, at: now) }
    }

    /// The run ends: so does this player, in good time.
    func hurry(at now: Instant) { leaving = min(leaving, now) }

    func receive(at now: Instant) {
        way?.receive(at: now) { browser.receive($0, at: now) }
        settle(at: now)
    }

    /// Does what is due. True when its socket is another one since.
    func tick(at now: Instant) throws -> Bool {
        way?.release(at: now) { browser.receive($0, at: now) }
        var isMoved = false
        switch stage {
        case .waiting, .over: return false
        case .joining: if browser.acknowledgedStreams.count == 2 { begin(at: now) }
        case .playing:
            send(at: now)
            isMoved = try rebindIfDue(at: now)
            if leaving <= now { stage = .finishing(since: now) }
        case .finishing(let start): finish(since: start, at: now)
        }
        if browser.needsSettling(at: now) { settle(at: now) }
        return isMoved
    }

    private func settle(at now: Instant) {
        guard case .waiting = stage else {
            browser.settle(at: now)
            flush(at: now)
            if browser.end != nil, !isOver { over(.ended) }
            return
        }
    }

    private func flush(at now: Instant) {
        for datagram in browser.outgoing { way?.send(datagram, at: now) }
        browser.outgoing.removeAll(keepingCapacity: true)
    }

    private func begin(at now: Instant) {
        stage = .playing
        leaving = min(leaving, now + plan.stay)
        nextState = now
        nextReliable = now
        nextBurst = now + pause(Self.burstPauses)
        nextRebinding = now + pause(Self.rebindingPauses)
    }

    private func pause(_ range: ClosedRange<UInt64>) -> Milliseconds {
        Milliseconds(UInt64.random(in: range, using: &random))
    }

    private func take(_ message: SimulatedBrowser.Received) {
        if message.stream == 0 {
            states.receive(message.payload, of: number)
        } else {
            ledger.receive(message.payload)
        }
    }

    // MARK: - Sending

    private func send(at now: Instant) {
        if nextState <= now {
            nextState = max(nextState + Self.statePause, now)
            if browser.unsentCount < 64 {
                let message = states.next(size: Self.stateSize, of: number)
                browser.send(message, stream: 0, unordered: true, reliability: .retransmissions(0))
            }
        }
        guard browser.bufferedAmount < Self.sendRoom else { return }
        if nextReliable <= now {
            nextReliable = now + pause(Self.reliablePauses)
            sendReliable(Int.random(in: ReliableLedger.headerSize...2_000, using: &random))
        }
        if nextBurst <= now {
            nextBurst = now + pause(Self.burstPauses)
            if random.chance(perMille: 500) {
                sendReliable(ReliableLedger.maximumSize)
            } else {
                for _ in 0..<300 { sendReliable(Int.random(in: ReliableLedger.headerSize...200, using: &random)) }
            }
        }
    }

    private func sendReliable(_ size: Int) { browser.send(ledger.next(size: size), stream: 2) }

    private func rebindIfDue(at now: Instant) throws -> Bool {
        guard nextRebinding <= now, !plan.isOverTCP else { return false }
        nextRebinding = now + pause(Self.rebindingPauses)
        try connect()
        browser.checkNow(at: now)
        return true
    }

    // MARK: - Ending

    /// A page that vanishes does so amid what it sends.
    private func finish(since start: Instant, at now: Instant) {
        if case .vanish = plan.ending {
            browser.vanish()
            way = nil
            over(.vanished)
        } else if ledger.underWay == 0 {
            over(.left)
            guard case .close = plan.ending else { return }
            browser.close()
            flush(at: now)
        } else if start + Self.patience < now {
            over(.unanswered)
            ledger.giveUp()
        }
    }

    private func over(_ outcome: Outcome) {
        if !isOver { stage = .over(outcome) }
    }
}

/// A player's unreliable messages: some may be missing or late, and none may be somebody else's.
struct StateCount {
    private(set) var sent = 0
    private(set) var arrived = 0
    private(set) var foreign = 0

    mutating func next(size: Int, of player: Int) -> [UInt8] {
        sent += 1
        return LittleEndian.bytes(UInt32(player)) + [UInt8](repeating: 7, count: size - 4)
    }

    mutating func receive(_ bytes: [UInt8], of player: Int) {
        arrived += 1
        if bytes.count < 4 || LittleEndian.read32(bytes, at: 0) != UInt32(player) { foreign += 1 }
    }
}
