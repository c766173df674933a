import Primitives

/// Whether players are sent to a server, as far as its health goes.
///
/// Two witnesses: players who found nobody there (ejection, for a time that doubles), and probes that got no answer
/// (down, until one does). After either it starts slowly.
struct ServerHealth {
    enum State: Equatable {
        case up
        /// It came, or came back, and gets this many thousandths of its share.
        case starting(share: Int)
        case ejected(until: Instant)
        case down
    }

    // Our choice.
    /// The first ejection's time; each further one without a success in between takes twice as long as the last.
    static let firstEjection: Milliseconds = 10_000
    static let longestEjection: Milliseconds = 300_000
    /// What a server gets of its share at the beginning, in thousandths: a tenth.
    static let smallestShare = 100

    private var failures = 0
    private var ejections = 0
    private var ejectedUntil = Instant.zero
    private var isDown = false
    /// Since when it may be used; nil for always.
    private var usableSince: Instant?

    /// - Parameter since: when the server was first heard of; nil where it need not start slowly.
    init(since: Instant? = nil) {
        usableSince = since
    }

    func state(_ rules: PoolRules, at now: Instant) -> State {
        if isDown { return .down }
        if ejectedUntil > now { return .ejected(until: ejectedUntil) }
        guard let usableSince, now < usableSince + rules.slowStart else { return .up }
        let share = Int(now.since(usableSince).nanoseconds / max(1, rules.slowStart.nanoseconds / 1000))
        return .starting(share: max(Self.smallestShare, share))
    }

    /// A player found no server there. True when it is ejected for this one.
    mutating func noteFailure(_ rules: PoolRules, at now: Instant) -> Bool {
        // All who play on a server that crashes find out within moments: that is one crash.
        guard rules.ejectAfter > 0, ejectedUntil <= now else { return false }
        failures += 1
        guard failures >= rules.ejectAfter else { return false }
        // Once it is over, the next player decides.
        failures = rules.ejectAfter - 1
        let span = Self.firstEjection.nanoseconds << min(UInt64(ejections), 10)
        ejections += 1
        ejectedUntil = now + Milliseconds(nanoseconds: min(span, Self.longestEjection.nanoseconds))
        usableSince = ejectedUntil
        return true
    }

    /// The server has taken a player.
    mutating func noteSuccess(at now: Instant) {
        failures = 0
        ejections = 0
        guard ejectedUntil > now else { return }
        ejectedUntil = now
        usableSince = now
    }

    /// What a probe came to.
    mutating func noteProbe(isAnswered: Bool, at now: Instant) {
        if isDown, isAnswered { usableSince = max(now, ejectedUntil) }
        isDown = !isAnswered
    }
}
