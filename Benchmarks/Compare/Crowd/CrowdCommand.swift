import ArgumentParser
import BenchmarkPlayers
import ENet
import Foundation
import Glibc
import Primitives

/// Players for Benchmarks/compare, in one process and on one thread. Prints a line of JSON for each window: what they
/// saw, what the process under test used, what this one used itself, and whether it was the bottleneck.
///
/// A native player is libenet as a game has it, a web one what Load/Players makes of the gateway's own floors: far lighter
/// than a browser, and with the same protocols on the wire.
@main struct CrowdCommand: ParsableCommand {
    enum Scenario: String, ExpressibleByArgument, CaseIterable {
        case play, idle, listen, bulk, joins
    }

    static let configuration = CommandConfiguration(commandName: "BenchmarkCrowd")

    @Argument(help: "Everybody sends and gets it back, nobody does, all listen, one sends much, or all come and go.")
    var scenarios: [Scenario]
    @Option(help: ArgumentHelp("Where native players go.", valueName: "address:port")) var server: String?
    @Option(help: "How many servers there are, at as many ports from there on.") var servers = 1
    @Option(help: ArgumentHelp("Where web players go instead, in turn.", valueName: "http://address:port/join/name"))
    var join: [String] = []
    @Flag(help: "Web players' channels are ones that both sides know of beforehand, as Godot's are.")
    var negotiated = false
    @Option(help: "The process under test; of several, what they use together counts.") var process: [Int32] = []
    @Option(help: "Players, or for joins how many are joining at a time.") var players = 50
    @Option(help: "How many may be joining at a time.") var joining = 16
    @Option(help: "Messages of each player in a second.") var rate = 20.0
    @Option(help: "Bytes of a message, at least 8.") var size = 100
    @Option(help: "Seconds of each window.") var seconds = 5
    @Option(help: "Seconds before the first of each scenario.") var warmUp = 2

    func validate() throws {
        guard (server == nil) != join.isEmpty, (1...20_000).contains(players), joining > 0, rate > 0, servers > 0,
            (State.leastSize...1200).contains(size), seconds > 0, warmUp >= 0
        else { throw ValidationError("Players need one place to go, and all numbers are positive.") }
    }

    func run() throws {
        do {
            try measure()
        } catch let error as LoadError {
            FileHandle.standardError.write(Data("\(error.sentence)\n".utf8))
            throw ExitCode.failure
        }
    }

    private func measure() throws {
        try SocketLayer.verifyIsInstalled()
        raiseDescriptorLimit()
        let observed = try (ObservedProcesses(process), ObservedProcesses([0]))
        let isBulk = scenarios.contains(.bulk)
        let crowd = try Crowd(
            destination(), places: players, joining: joining, traffic: isBulk ? .bulk : .state,
            isNegotiated: negotiated)
        if scenarios == [.joins] {
            let joins = Joins(crowd, observed.0, observed.1)
            try joins.begin(for: .seconds(UInt64(warmUp)))
            try joins.measure(for: .seconds(UInt64(seconds))).write()
            return
        }
        let play = Play(crowd, observed.0, observed.1)
        try play.letEverybodyIn(joining: joining)
        for scenario in scenarios {
            if warmUp > 0 { _ = try window(scenario, of: play, for: .seconds(UInt64(warmUp))) }
            try window(scenario, of: play, for: .seconds(UInt64(seconds))).write()
        }
        play.leave()
    }

    private func window(_ scenario: Scenario, of play: Play, for span: Milliseconds) throws -> Measured {
        switch scenario {
        case .play: try play.send(rate: rate, size: size, for: span)
        case .idle, .listen: try play.idle(for: span)
        case .bulk: try play.transfer(for: span)
        case .joins: throw LoadError("Players who come and go are measured alone.")
        }
    }

    private func destination() throws -> Destination {
        if !join.isEmpty { return .web(try join.map(JoinURL.init)) }
        let first = try JoinURL.address(server ?? "")
        return .native(
            (0..<servers).map { TransportAddress(ipv4: first.ipv4 ?? 0, port: first.port + UInt16($0)) })
    }

    /// A socket for each player.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
