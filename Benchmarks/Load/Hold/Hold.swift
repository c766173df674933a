import BenchmarkPlayers
import Foundation
import Glibc
import Primitives
import SCTP

/// The whole run, on one thread.
final class Hold {
    private let options: HoldCommand
    private let servers: GameServers
    private let gateway: Gateway
    private let poll: SocketPoll
    private let requests = Requests()
    private let agenda = Agenda()
    private let population: Population
    private let natives: NativeCrowd
    private let troubles: Troubles
    private let start: Instant
    private var samples = Samples()
    private var nextTick = Instant.zero

    /// How often timers are looked at.
    private static let tick: Milliseconds = 5
    /// Joins are begun this often, where players are missing.
    private static let joinPause: Milliseconds = 300
    /// How long the last sessions and connections may take to be gone.
    private static let patience: Milliseconds = .seconds(150)

    init(_ options: HoldCommand) throws {
        self.options = options
        let folder = URL(filePath: options.folder)
        servers = try GameServers(URL(filePath: options.server), folder: folder, count: 2)
        gateway = try Gateway(URL(filePath: options.gateway), folder: folder, servers: servers.addresses)
        poll = try SocketPoll()
        population = try Population(gateway, requests, poll, seed: options.seed)
        natives = NativeCrowd(options.native, at: servers.addresses)
        troubles = try Troubles(gateway, servers, population, requests, agenda, seed: options.seed &+ 1)
        start = Clock.now
    }

    func run() throws -> HoldVerdict {
        defer {
            gateway.process.signal(SIGKILL)
            servers.stop()
        }
        let before = try ProcessSample(of: gateway.process.id)
        agenda.every(Self.joinPause, from: start) { [self] _ in
            if population.players.count < options.players { population.join() }
        }
        agenda.every(.seconds(60), from: start) { [self] now in sample(at: now) }
        troubles.begin(at: start)
        let end = start + .seconds(UInt64(options.minutes * 60) + 1)
        while Clock.now < end { try step() }
        try letEverybodyGo(like: before)
        let after = try ProcessSample(of: gateway.process.id)
        let metrics = Metrics(parsing: try HTTPRequest("GET", "/metrics").send(to: gateway.addresses.metrics).body)
        gateway.process.signal(SIGTERM)
        gateway.process.waitForEnd()
        population.totals.nativeJoins = natives.joins
        population.totals.nativeArrived = natives.arrived
        return HoldVerdict(
            options: options, totals: population.totals, samples: samples, before: before, after: after,
            metrics: metrics, troubles: troubles.counts, strangeDatagrams: troubles.strangeDatagrams,
            complaints: servers.complaints, gatewayEnd: gateway.process.end ?? "none",
            log: try gateway.process.text())
    }

    /// All leave by their plans, and the gateway becomes as it was.
    private func letEverybodyGo(like before: ProcessSample) throws {
        agenda.clear()
        troubles.end()
        if troubles.isDraining { gateway.process.signal(SIGUSR1) }
        population.hurry(at: Clock.now)
        let end = Clock.now + Self.patience
        while Clock.now < end, !population.players.isEmpty || !requests.isIdle { try step() }
        while Clock.now < end, try ProcessSample(of: gateway.process.id).descriptors > before.descriptors {
            try step()
        }
    }

    private func step() throws {
        poll.wait(until: nextTick) { population.player($0)?.receive(at: Clock.now) }
        let now = Clock.now
        guard nextTick <= now else { return }
        nextTick = now + Self.tick
        if let end = gateway.process.end {
            throw LoadError("The gateway died: \(end).\n\(try gateway.process.text().suffix(4_000))")
        }
        SCTPStack.shared.startTicking(at: now)
        SCTPStack.shared.advance(to: now)
        // Whose association made a packet says so itself.
        SCTPStack.shared.drainTouched { _ in }
        requests.deliver()
        agenda.run(at: now)
        population.tick(at: now)
        try natives.tick(at: now)
    }

    private func sample(at now: Instant) {
        let minutes = Double(now.since(start).nanoseconds) / 60e9
        guard let process = try? ProcessSample(of: gateway.process.id) else { return }
        requests.send(HTTPRequest("GET", "/metrics"), to: gateway.addresses.metrics) { [self] answer in
            let metrics = Metrics(parsing: (try? answer.get().body) ?? "")
            let sessions = ["joining", "connecting", "playing", "ending"].reduce(0.0) { sum, state in
                sum + (metrics["torii_sessions{route=\"world\",state=\"\(state)\"}"] ?? 0)
            }
            samples.add(.init(minutes: minutes, process: process, sessions: Int(sessions)))
            HoldCommand.tell(
                "minute \(Decimal.text(minutes)): RSS \(process.residentKiB) KiB, \(process.descriptors) descriptors, "
                    + "\(Int(sessions)) sessions, \(population.totals.problems.count) problems, "
                    + "lost \(population.totals.faults.lost)")
        }
    }
}
