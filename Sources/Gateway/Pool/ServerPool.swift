import Primitives

/// The servers of one route: which of them a new player gets, and what is known of each.
///
/// A server is known by its address. One that is taken out keeps its players, and their number should it come back.
struct ServerPool {
    private struct Member {
        var server: RouteServer
        var health: ServerHealth
        /// The turn in which it was chosen last; 0 before.
        var lastTurn: UInt64 = 0
        /// For `weighted`: what is due to it.
        var credit = 0
    }

    // Our choice.
    /// Servers of one route; further ones are not used. Each has series in metrics.
    static let memberLimit = 256

    private(set) var rules: PoolRules
    private var members: [Member] = []
    /// Of servers that were taken out, too, as long as they have some.
    private var sessions: [TransportAddress: Int] = [:]
    private var turns: UInt64 = 0
    /// Times a server was ejected.
    private(set) var ejections: UInt64 = 0

    init(_ servers: [RouteServer], _ rules: PoolRules) {
        self.rules = rules
        members = Self.distinct(servers).map { Member(server: $0, health: ServerHealth()) }
    }

    var servers: [RouteServer] { members.map(\.server) }

    /// Other rules, and other servers. What is known of those that stay goes on; those that come start slowly, unless
    /// there was none before.
    mutating func change(to servers: [RouteServer], _ rules: PoolRules, at now: Instant) {
        self.rules = rules
        let known = Dictionary(members.map { ($0.server.address, $0) }) { first, _ in first }
        members = Self.distinct(servers).map { server in
            var member =
                known[server.address]
                ?? Member(server: server, health: ServerHealth(since: known.isEmpty ? nil : now))
            member.server = server
            // Nobody would ever tell that it is up again.
            if rules.probeInterval == nil { member.health.noteProbe(isAnswered: true, at: now) }
            return member
        }
    }

    // MARK: - Choosing

    /// The server for a new player, whose turn is then counted.
    mutating func choose(for wish: ServerWish, at now: Instant) throws(JoinRefusal) -> RouteServer {
        let candidates: [Int]
        if let name = wish.server {
            candidates = [try index(named: name, isGranted: wish.isGranted)]
        } else {
            candidates = Array(members.indices)
        }
        let open = candidates.filter { isUsable($0, at: now) && !isFull($0) }
        guard let chosen = best(of: open, for: wish.key, at: now) else {
            throw .noServer(obstacle(of: candidates, isNamed: wish.server != nil, at: now))
        }
        turns += 1
        members[chosen].lastTurn = turns
        return members[chosen].server
    }

    private func index(named name: String, isGranted: Bool) throws(JoinRefusal) -> Int {
        guard isGranted || rules.choice != .none else { throw .serverChoiceNotAllowed }
        guard isGranted || rules.choice.allows(name),
            let index = members.firstIndex(where: { $0.server.label == name })
        else { throw .serverUnknown }
        return index
    }

    private func isUsable(_ index: Int, at now: Instant) -> Bool {
        switch members[index].health.state(rules, at: now) {
        case .up, .starting: true
        case .ejected, .down: false
        }
    }

    private func isFull(_ index: Int) -> Bool {
        let server = members[index].server
        return (server.capacity ?? rules.capacity).map { (sessions[server.address] ?? 0) >= $0 } ?? false
    }

    /// Why none of these takes a player.
    private func obstacle(of candidates: [Int], isNamed: Bool, at now: Instant) -> ServerObstacle {
        if candidates.isEmpty { return .noneKnown }
        let isFull = candidates.contains { isUsable($0, at: now) }
        return isNamed ? (isFull ? .chosenIsFull : .chosenIsDown) : (isFull ? .allFull : .noneHealthy)
    }

    private mutating func best(of open: [Int], for key: BalanceKey?, at now: Instant) -> Int? {
        switch rules.balance {
        case .leastSessions: open.min { isLessBusy($0, than: $1, at: now) }
        case .roundRobin: open.min { members[$0].lastTurn < members[$1].lastTurn }
        case .weighted: nextByWeight(of: open, at: now)
        case .hash: open.max { score($0, key) < score($1, key) }
        }
    }

    private func isLessBusy(_ one: Int, than other: Int, at now: Instant) -> Bool {
        // Sessions with the new one for each unit of weight, compared without division.
        let (left, right) = (load(of: one) * part(of: other, at: now), load(of: other) * part(of: one, at: now))
        return left == right ? members[one].lastTurn < members[other].lastTurn : left < right
    }

    private func load(of index: Int) -> Int { (sessions[members[index].server.address] ?? 0) + 1 }

    /// Its weight in thousandths, less while it starts.
    private func part(of index: Int, at now: Instant) -> Int {
        var share = 1000
        if case .starting(let some) = members[index].health.state(rules, at: now) { share = some }
        return members[index].server.weight * share
    }

    /// Smooth weighted round robin: everyone's credit grows by its part, and the richest pays for all.
    private mutating func nextByWeight(of open: [Int], at now: Instant) -> Int? {
        var total = 0
        for index in open {
            let part = part(of: index, at: now)
            members[index].credit += part
            total += part
        }
        guard let richest = open.max(by: { members[$0].credit < members[$1].credit }) else { return nil }
        members[richest].credit -= total
        return richest
    }

    private func score(_ index: Int, _ key: BalanceKey?) -> Double {
        (key ?? BalanceKey([])).score(for: members[index].server)
    }

    // MARK: - What becomes of players, and of probes

    mutating func noteSessionBegan(on address: TransportAddress) {
        sessions[address, default: 0] += 1
    }

    mutating func noteSessionEnded(on address: TransportAddress) {
        guard let count = sessions[address] else { return }
        sessions[address] = count > 1 ? count - 1 : nil
    }

    /// A player found no server at the address, or lost it there.
    mutating func noteFailure(of address: TransportAddress, at now: Instant) {
        let rules = rules
        if change(address, { $0.noteFailure(rules, at: now) }) == true { ejections += 1 }
    }

    mutating func noteSuccess(of address: TransportAddress, at now: Instant) {
        change(address) { $0.noteSuccess(at: now) }
    }

    mutating func noteProbe(of address: TransportAddress, isAnswered: Bool, at now: Instant) {
        change(address) { $0.noteProbe(isAnswered: isAnswered, at: now) }
    }

    @discardableResult
    private mutating func change<Result>(
        _ address: TransportAddress, _ body: (inout ServerHealth) -> Result
    ) -> Result? {
        guard let index = members.firstIndex(where: { $0.server.address == address }) else { return nil }
        return body(&members[index].health)
    }

    // MARK: - What metrics show

    func status(at now: Instant) -> [ServerStatus] {
        members.indices.map { index in
            let server = members[index].server
            return ServerStatus(
                label: server.label, state: state(of: index, at: now), sessions: sessions[server.address] ?? 0)
        }
    }

    private func state(of index: Int, at now: Instant) -> ServerState {
        switch members[index].health.state(rules, at: now) {
        case .down: .down
        case .ejected: .ejected
        case .up, .starting: isFull(index) ? .full : .up
        }
    }

    /// Each address once, each name once, and no more than there may be.
    private static func distinct(_ servers: [RouteServer]) -> [RouteServer] {
        var addresses: Set<TransportAddress> = []
        var names: Set<String> = []
        let unique = servers.filter { addresses.insert($0.address).inserted }.prefix(memberLimit)
        return unique.map { server in
            var server = server
            if let name = server.name, !names.insert(name).inserted { server.name = nil }
            return server
        }
    }
}
