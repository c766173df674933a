import BenchmarkPlayers
import Primitives

/// Players who come one after another, hear one message from the server and go.
final class Joins {
    private let crowd: Crowd
    private let process: ObservedProcesses
    private let own: ObservedProcesses
    private let residentBefore: Int
    /// When each place's player says something again; nil for those who are not in.
    private var nextWord: [Instant?]
    private var isCounting = false
    private var whole: [Milliseconds] = []
    private var connecting: [Milliseconds] = []
    private var failures = 0
    private var reason: String?
    private var done: [Int] = []

    private static let word = State.message(size: 16)
    private static let pause: Milliseconds = 50

    init(_ crowd: Crowd, _ process: ObservedProcesses, _ own: ObservedProcesses) {
        self.crowd = crowd
        self.process = process
        self.own = own
        residentBefore = process.residentBytes
        nextWord = crowd.players.map { _ in nil }
        crowd.onOpen = { [unowned self] in note($0) }
        crowd.onMessage = { [unowned self] place, _ in done.append(place) }
        crowd.onEnd = { [unowned self] place, reason in
            failures += 1
            self.reason = self.reason ?? reason
            done.append(place)
        }
    }

    /// Fills all places; nothing counts yet.
    func begin(for span: Milliseconds) throws {
        for place in crowd.players.indices { try crowd.admit(place) }
        try run(until: Clock.now + span)
    }

    func measure(for span: Milliseconds) throws -> Measured {
        whole.removeAll(keepingCapacity: true)
        connecting.removeAll(keepingCapacity: true)
        failures = 0
        let window = Window(process, own)
        isCounting = true
        try run(until: Clock.now + span)
        isCounting = false
        var measured = Measured()
        window.close(into: &measured)
        measured.players = crowd.players.count
        measured.residentBefore = residentBefore
        measured.joins = whole.count
        measured.failures = failures
        measured.join = .init(whole)
        measured.connect = .init(connecting)
        measured.judge()
        if let reason, whole.isEmpty { throw LoadError("Nobody came in: \(reason)") }
        return measured
    }

    // MARK: - Inside

    private func run(until end: Instant) throws {
        var nextLook = Clock.now
        while Clock.now < end {
            try crowd.step(until: min(end, nextLook))
            try replaceDone()
            let now = Clock.now
            guard nextLook <= now else { continue }
            for (place, due) in nextWord.enumerated() where due.map({ $0 <= now }) == true { speak(place, at: now) }
            nextLook = now + 10
        }
    }

    private func note(_ place: Int) {
        speak(place, at: Clock.now)
        guard isCounting, let arrival = crowd.arrivals[place], let opened = arrival.opened else { return }
        whole.append(opened.since(arrival.posted))
        if let answered = arrival.answered { connecting.append(opened.since(answered)) }
    }

    /// Again and again until it is answered: the gateway's way to the server may not be open yet.
    private func speak(_ place: Int, at now: Instant) {
        _ = crowd.send(Self.word, from: place, at: now)
        nextWord[place] = now + Self.pause
    }

    private func replaceDone() throws {
        let places = Set(done)
        done.removeAll(keepingCapacity: true)
        for place in places {
            nextWord[place] = nil
            crowd.dismiss(place)
            try crowd.admit(place)
        }
    }
}
