import BenchmarkPlayers
import Glibc
import Primitives
import SimulationSupport

/// What happens to the gateway besides players: reloads, servers that crash, drains, strangers; each with a look at what
/// it has done.
final class Troubles {
    private let gateway: Gateway
    private let servers: GameServers
    private let strangers: Strangers
    private let population: Population
    private let requests: Requests
    private let agenda: Agenda
    private var random: SeededRandom
    private var lastCrash: Instant?
    private var crashes = 0
    private(set) var isDraining = false
    private(set) var counts: [String: Int] = [:]
    /// How long a server's crash explains ends: until silence is one, and its players have been told.
    private static let aftermath: Milliseconds = .seconds(40)

    init(
        _ gateway: Gateway, _ servers: GameServers, _ population: Population, _ requests: Requests, _ agenda: Agenda,
        seed: UInt64
    ) throws {
        self.gateway = gateway
        self.servers = servers
        self.population = population
        self.requests = requests
        self.agenda = agenda
        random = SeededRandom(seed: seed)
        strangers = try Strangers(gateway.addresses, seed: seed)
        population.isTrouble = { [unowned self] now in lastCrash.map { now < $0 + Self.aftermath } ?? false }
    }

    func begin(at now: Instant) {
        agenda.every(250, from: now) { [self] now in disturb(at: now) }
        agenda.every(.seconds(2), from: now) { [self] _ in askWrongly() }
        agenda.every(.seconds(5), from: now) { [self] _ in
            counts["joins nobody came for", default: 0] += 1
            population.joinAndForget()
        }
        agenda.every(.seconds(41), from: now) { [self] now in reload(at: now) }
        agenda.every(.seconds(67), from: now) { [self] now in reloadWrongly(at: now) }
        agenda.every(.seconds(97), from: now) { [self] now in drain(at: now) }
        agenda.every(.seconds(121), from: now) { [self] now in crash(at: now) }
    }

    func end() { strangers.letGo() }

    var strangeDatagrams: Int { strangers.datagrams }

    private func note(_ problem: String) { population.totals.problems.append(problem) }

    // MARK: - Strangers

    private func disturb(at now: Instant) {
        strangers.sendDatagrams(10)
        strangers.beginAndStop(at: now)
        // As if from a player's address: what whoever shares its network can send.
        for player in population.players.values.shuffled(using: &random).prefix(2) {
            player.spoof(strangers.datagram(), at: now)
            counts["datagrams in a player's name", default: 0] += 1
        }
    }

    private func askWrongly() {
        let (request, status) = strangers.wrongRequest()
        counts["wrong requests", default: 0] += 1
        requests.send(request, to: gateway.addresses.http) { [self] answer in
            if case .success(let reply) = answer, reply.status == status { return }
            note("A request that should get \(status) got \(answer).")
        }
    }

    // MARK: - Operators

    private func reload(at now: Instant) {
        attempt { try gateway.reload() }
        counts["reloads", default: 0] += 1
        agenda.at(now + .seconds(4)) { [self] _ in checkLimit("after a reload") }
    }

    private func reloadWrongly(at now: Instant) {
        attempt { try gateway.reloadWrongly() }
        counts["refused reloads", default: 0] += 1
        agenda.at(now + .seconds(4)) { [self] _ in
            checkLimit("after a reload that is wrong")
            attempt { try gateway.restoreFile() }
        }
    }

    private func checkLimit(_ when: String) {
        let expected = gateway.sessionLimit
        look { [self] metrics in
            let limit = metrics["torii_sessions_limit"]
            if limit != Double(expected) {
                note("The sessions' limit is \(limit ?? -1) \(when), and should be \(expected).")
            }
        }
    }

    private func drain(at now: Instant) {
        gateway.process.signal(SIGUSR1)
        isDraining = true
        counts["drains", default: 0] += 1
        agenda.at(now + .seconds(2)) { [self] _ in checkDraining(true) }
        agenda.at(now + .seconds(6)) { [self] now in
            gateway.process.signal(SIGUSR1)
            isDraining = false
            agenda.at(now + .seconds(2)) { [self] _ in checkDraining(false) }
        }
    }

    private func checkDraining(_ isDraining: Bool) {
        look { [self] metrics in
            if metrics["torii_draining"] != (isDraining ? 1 : 0) { note("Draining should be \(isDraining).") }
        }
    }

    private func look(_ body: @escaping (Metrics) -> Void) {
        requests.send(HTTPRequest("GET", "/metrics"), to: gateway.addresses.metrics) { [self] answer in
            do throws(LoadError) {
                body(Metrics(parsing: try answer.get().body))
            } catch {
                note("Metrics could not be read: \(error.sentence)")
            }
        }
    }

    // MARK: - Servers

    /// One is down for a while, another each time.
    private func crash(at now: Instant) {
        let index = crashes % servers.addresses.count
        crashes += 1
        lastCrash = now
        servers.kill(index)
        counts["servers' crashes", default: 0] += 1
        let pause = Milliseconds(UInt64.random(in: 0...20_000, using: &random))
        agenda.at(now + pause) { [self] _ in attempt { try servers.restart(index) } }
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            note("Something this side should do failed: \(error).")
        }
    }
}
