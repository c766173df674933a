import Primitives
import Testing

@testable import Gateway

/// Which server a player gets, as a value: no network, and time as it is given.
@Suite struct ServerPoolTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private static func server(
        _ number: UInt32, name: String? = nil, weight: Int = 1, capacity: Int? = nil
    ) -> RouteServer {
        var server = RouteServer(TransportAddress(ipv4: 0xC633_6400 + number, port: 7777), name: name ?? "s\(number)")
        server.weight = weight
        server.capacity = capacity
        return server
    }

    private static func rules(_ change: (inout PoolRules) -> Void = { _ in }) -> PoolRules {
        var rules = PoolRules()
        change(&rules)
        return rules
    }

    /// The labels of the servers that so many players get, who stay.
    private static func chosen(
        _ count: Int, from pool: inout ServerPool, for wish: ServerWish = ServerWish(), at now: Instant = start
    ) throws -> [String] {
        try (0..<count).map { _ in
            let server = try pool.choose(for: wish, at: now)
            pool.noteSessionBegan(on: server.address)
            return server.label
        }
    }

    // MARK: - Balance

    @Test func theLeastBusyServerIsNext() throws {
        var pool = ServerPool([Self.server(1), Self.server(2), Self.server(3)], Self.rules())
        #expect(try Self.chosen(3, from: &pool) == ["s1", "s2", "s3"])
        pool.noteSessionEnded(on: Self.server(2).address)
        #expect(try Self.chosen(1, from: &pool) == ["s2"])
        // Alike again, they take turns.
        #expect(try Self.chosen(3, from: &pool) == ["s1", "s3", "s2"])
    }

    @Test func sessionsAreCountedForEachUnitOfWeight() throws {
        var pool = ServerPool([Self.server(1, weight: 3), Self.server(2)], Self.rules())
        let chosen = try Self.chosen(8, from: &pool)
        #expect(chosen.count { $0 == "s1" } == 6)
    }

    @Test func roundRobinTakesTurnsWhateverEndsInBetween() throws {
        var pool = ServerPool(
            [Self.server(1, weight: 9), Self.server(2), Self.server(3)], Self.rules { $0.balance = .roundRobin })
        #expect(try Self.chosen(4, from: &pool) == ["s1", "s2", "s3", "s1"])
        pool.noteSessionEnded(on: Self.server(1).address)
        #expect(try Self.chosen(2, from: &pool) == ["s2", "s3"])
    }

    /// Spread evenly, not in runs.
    @Test func weightedTakesTurnsByWeight() throws {
        var pool = ServerPool(
            [Self.server(1, weight: 5), Self.server(2), Self.server(3)], Self.rules { $0.balance = .weighted })
        #expect(try Self.chosen(7, from: &pool) == ["s1", "s1", "s2", "s1", "s3", "s1", "s1"])
    }

    @Test func aPlayerComesToTheSameServerAgain() throws {
        let rules = Self.rules { $0.balance = .hash }
        let servers = (1...5).map { Self.server($0) }
        var pool = ServerPool(servers, rules)
        // Another gateway, which lists them otherwise.
        var other = ServerPool(servers.reversed(), rules)
        var without = ServerPool(Array(servers.dropLast()), rules)
        var counts: [String: Int] = [:]
        for player in 0..<1000 {
            let wish = ServerWish(key: BalanceKey("player \(player)".utf8))
            let label = try pool.choose(for: wish, at: Self.start).label
            counts[label, default: 0] += 1
            #expect(try pool.choose(for: wish, at: Self.start).label == label)
            #expect(try other.choose(for: wish, at: Self.start).label == label)
            // Nobody moves but the players of the one that is gone.
            let moved = try without.choose(for: wish, at: Self.start).label
            #expect(label == "s5" ? moved != "s5" : moved == label)
        }
        #expect(counts.count == 5 && counts.values.allSatisfy { (120...280).contains($0) })
    }

    @Test func whoIsHashedIsSharedByWeight() throws {
        var pool = ServerPool([Self.server(1, weight: 4), Self.server(2)], Self.rules { $0.balance = .hash })
        let labels = try (0..<1000).map {
            try pool.choose(for: ServerWish(key: BalanceKey("\($0)".utf8)), at: Self.start).label
        }
        #expect((750...850).contains(labels.count { $0 == "s1" }))
    }

    @Test func anAddressIsAKeyWithoutItsPort() {
        let address = TransportAddress(ipv4: 0xCB00_7101, port: 1)
        #expect(BalanceKey(address) == BalanceKey(address.with(port: 2)))
        #expect(BalanceKey(address) != BalanceKey(TransportAddress(ipv4: 0xCB00_7102, port: 1)))
    }

    // MARK: - Capacity and choice

    @Test func aFullServerTakesNobodyUntilSomebodyLeaves() throws {
        var pool = ServerPool([Self.server(1, capacity: 1), Self.server(2)], Self.rules { $0.capacity = 2 })
        #expect(try Self.chosen(3, from: &pool).sorted() == ["s1", "s2", "s2"])
        #expect(throws: JoinRefusal.noServer(.allFull)) { try pool.choose(for: ServerWish(), at: Self.start) }
        #expect(pool.status(at: Self.start).map(\.state) == [.full, .full])
        pool.noteSessionEnded(on: Self.server(1).address)
        #expect(try Self.chosen(1, from: &pool) == ["s1"])
    }

    @Test func aPageMayAskForWhatItIsAllowed() throws {
        let servers = [Self.server(1, name: "eu"), Self.server(2, name: "us", capacity: 1)]
        let (eu, us) = (ServerWish(server: "eu"), ServerWish(server: "us"))
        var closed = ServerPool(servers, Self.rules())
        #expect(throws: JoinRefusal.serverChoiceNotAllowed) { try closed.choose(for: eu, at: Self.start) }
        // A token may name any.
        #expect(try closed.choose(for: ServerWish(server: "eu", isGranted: true), at: Self.start).label == "eu")
        var some = ServerPool(servers, Self.rules { $0.choice = .these(["us", "gone"]) })
        #expect(try Self.chosen(1, from: &some, for: us) == ["us"])
        #expect(throws: JoinRefusal.serverUnknown) { try some.choose(for: eu, at: Self.start) }
        #expect(throws: JoinRefusal.serverUnknown) { try some.choose(for: ServerWish(server: "gone"), at: Self.start) }
        // It gets that one or none.
        #expect(throws: JoinRefusal.noServer(.chosenIsFull)) { try some.choose(for: us, at: Self.start) }
        var any = ServerPool(servers + [RouteServer(Self.server(3).address)], Self.rules { $0.choice = .any })
        let unnamed = ServerWish(server: "198.51.100.3:7777")
        #expect(try any.choose(for: unnamed, at: Self.start).address == Self.server(3).address)
    }

    // MARK: - Health

    @Test func playersWhoFindNobodyEjectAServer() throws {
        var pool = ServerPool([Self.server(1), Self.server(2)], Self.rules { $0.ejectAfter = 3 })
        let gone = Self.server(1).address
        for _ in 0..<2 { pool.noteFailure(of: gone, at: Self.start) }
        pool.noteSuccess(of: gone, at: Self.start)
        for _ in 0..<2 { pool.noteFailure(of: gone, at: Self.start) }
        #expect(pool.status(at: Self.start).map(\.state) == [.up, .up])
        pool.noteFailure(of: gone, at: Self.start)
        #expect(pool.status(at: Self.start).map(\.state) == [.ejected, .up])
        #expect(try Self.chosen(3, from: &pool) == ["s2", "s2", "s2"])
        // The rest of those who played there find out later: that is the same crash.
        for _ in 0..<9 { pool.noteFailure(of: gone, at: Self.start + 1) }
        #expect(pool.ejections == 1)
        let back = Self.start + ServerHealth.firstEjection
        #expect(try pool.choose(for: ServerWish(), at: back).label == "s1")
        // One more is enough then, and the time doubles.
        pool.noteFailure(of: gone, at: back)
        #expect(pool.ejections == 2)
        #expect(try pool.choose(for: ServerWish(), at: back + 19_999).label == "s2")
        #expect(try pool.choose(for: ServerWish(), at: back + 20_000).label == "s1")
    }

    @Test func anEjectionHasAnEnd() {
        var health = ServerHealth()
        let rules = Self.rules { $0.ejectAfter = 1 }
        var now = Self.start
        for _ in 0..<80 {
            let isEjected = health.noteFailure(rules, at: now)
            #expect(isEjected)
            guard case .ejected(let until) = health.state(rules, at: now) else { return #expect(Bool(false)) }
            #expect(until.since(now) <= ServerHealth.longestEjection)
            now = until
        }
        // Success forgets all of it.
        health.noteSuccess(at: now)
        _ = health.noteFailure(rules, at: now)
        #expect(health.state(rules, at: now) == .ejected(until: now + ServerHealth.firstEjection))
    }

    @Test func withoutAHealthyServerThereIsNone() throws {
        var pool = ServerPool([Self.server(1), Self.server(2)], Self.rules { $0.ejectAfter = 1 })
        pool.noteFailure(of: Self.server(1).address, at: Self.start)
        pool.noteProbe(of: Self.server(2).address, isAnswered: false, at: Self.start)
        #expect(throws: JoinRefusal.noServer(.noneHealthy)) { try pool.choose(for: ServerWish(), at: Self.start) }
        #expect(pool.status(at: Self.start).map(\.state) == [.ejected, .down])
        pool.noteProbe(of: Self.server(2).address, isAnswered: true, at: Self.start)
        #expect(try Self.chosen(1, from: &pool) == ["s2"])
        var none = ServerPool([], Self.rules())
        #expect(throws: JoinRefusal.noServer(.noneKnown)) { try none.choose(for: ServerWish(), at: Self.start) }
    }

    /// A reload that takes probes away takes away what they said.
    @Test func withoutProbesNothingIsDown() {
        let server = Self.server(1)
        var pool = ServerPool([server], Self.rules { $0.probeInterval = 5_000 })
        pool.noteProbe(of: server.address, isAnswered: false, at: Self.start)
        pool.change(to: [server], pool.rules, at: Self.start)
        #expect(pool.status(at: Self.start).map(\.state) == [.down])
        pool.change(to: [server], Self.rules(), at: Self.start)
        #expect(pool.status(at: Self.start).map(\.state) == [.up])
    }

    /// One server of one's own is asked every time, unless the route says otherwise.
    @Test func nothingIsEjectedUnlessAsked() throws {
        var pool = ServerPool([Self.server(1)], Self.rules())
        for _ in 0..<9 { pool.noteFailure(of: Self.server(1).address, at: Self.start) }
        #expect(try Self.chosen(1, from: &pool) == ["s1"])
    }

    @Test func whoComesStartsSlowly() throws {
        let rules = Self.rules {
            $0.slowStart = 10_000
            $0.balance = .weighted
        }
        func share(after time: Milliseconds) throws -> Int {
            var pool = ServerPool([Self.server(1)], rules)
            pool.change(to: [Self.server(1), Self.server(2)], rules, at: Self.start)
            return try Self.chosen(220, from: &pool, at: Self.start + time).count { $0 == "s2" }
        }
        // A tenth of the other's, half of it, all of it.
        #expect(try share(after: 0) == 20)
        #expect((70...75).contains(try share(after: 5_000)))
        #expect(try share(after: 10_000) == 110)
    }

    // MARK: - Other servers

    @Test func whatIsKnownOfAServerThatStaysGoesOn() throws {
        let rules = Self.rules { $0.ejectAfter = 1 }
        var pool = ServerPool([Self.server(1), Self.server(2)], rules)
        #expect(try Self.chosen(2, from: &pool) == ["s1", "s2"])
        pool.noteFailure(of: Self.server(1).address, at: Self.start)
        pool.change(to: [Self.server(3), Self.server(1, name: "renamed")], rules, at: Self.start)
        let status = pool.status(at: Self.start)
        #expect(status.map(\.label) == ["s3", "renamed"])
        #expect(status.map(\.state) == [.up, .ejected] && status.map(\.sessions) == [0, 1])
        // Who was taken out keeps its players, should it come back.
        pool.change(to: [Self.server(2)], rules, at: Self.start)
        #expect(pool.status(at: Self.start).map(\.sessions) == [1])
        pool.noteSessionEnded(on: Self.server(2).address)
        pool.noteSessionEnded(on: Self.server(2).address)
        #expect(pool.status(at: Self.start).map(\.sessions) == [0])
    }

    @Test func serversAreDistinctAndBounded() {
        let many = (0..<300).map { Self.server($0, name: "same") }
        let pool = ServerPool(many + many, Self.rules())
        #expect(pool.servers.count == ServerPool.memberLimit)
        #expect(Set(pool.servers.map(\.label)).count == ServerPool.memberLimit)
        #expect(pool.servers.first?.label == "same")
    }
}
