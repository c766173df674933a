import ArgumentParser
import BenchmarkPlayers
import ENet
import Foundation
import Primitives

/// Players for a benchmark, in one process and on one thread: native ones at a game server that echoes, and web ones at
/// a gateway before it. Each sends unreliable state at a fixed rate; what comes back tells how long it took.
///
/// A native player is libenet as a game has it, a web one what Tests/Support/Simulation makes of the gateway's own
/// floors: far lighter than a browser, and with the same protocols on the wire.
@main struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "BenchmarkLoad")

    @Option(help: "Native players.") var native = 0
    @Option(help: "Web players.") var web = 0
    @Option(help: "Messages of each player in a second.") var rate = 20
    @Option(help: "Bytes of a message, at least 8.") var size = 100
    @Option(help: "How many times it is measured.") var windows = 5
    @Option(help: "Seconds of each.") var seconds = 20
    @Option(help: ArgumentHelp("Where native players go.", valueName: "address:port")) var server: String?
    @Option(help: ArgumentHelp("Where web players go.", valueName: "http://address:port/join/name")) var join: String?

    func validate() throws {
        guard (1...1000).contains(rate), (8...1200).contains(size), windows > 0, seconds > 0, native >= 0, web >= 0,
            native + web > 0
        else { throw ValidationError("There must be players, and rate, size, windows and seconds are positive.") }
        guard native == 0 || server != nil else { throw ValidationError("Native players need --server.") }
        guard web == 0 || join != nil else { throw ValidationError("Web players need --join.") }
    }

    func run() throws {
        do {
            try measure()
        } catch let error as LoadError {
            tell(error.sentence)
            throw ExitCode.failure
        }
    }

    private func measure() throws {
        let players = interleaved(try nativePlayers(), try webPlayers())
        let loop = try LoadLoop(players, rate: rate, size: size)
        try loop.letEverybodyIn(through: join.map(JoinURL.init))
        var report = Report(hasBoth: native > 0 && web > 0)
        for _ in 0..<windows {
            let window = loop.measure(for: .seconds(UInt64(seconds)))
            report.add(window)
            tell(window.line)
        }
        loop.leave()
        print(report.table)
    }

    /// Standard output has the table alone.
    private func tell(_ line: String) {
        FileHandle.standardError.write(Data("\(line)\n".utf8))
    }

    private func nativePlayers() throws -> [any Player] {
        try SocketLayer.verifyIsInstalled()
        guard let server, native > 0 else { return [] }
        let address = try JoinURL.address(server)
        return try (0..<native).map { _ in try NativePlayer(server: address) }
    }

    private func webPlayers() throws -> [any Player] {
        let browsers = try WebBrowsers()
        return (0..<web).map { WebPlayer(browsers, number: $0) }
    }

    /// As evenly as their numbers allow, so that both kinds meet the same moments.
    private func interleaved(_ some: [any Player], _ others: [any Player]) -> [any Player] {
        let placed =
            some.enumerated().map { (place: Double($0) / Double(some.count), player: $1) }
            + others.enumerated().map { (place: (Double($0) + 0.5) / Double(others.count), player: $1) }
        return placed.sorted { $0.place < $1.place }.map(\.player)
    }
}
