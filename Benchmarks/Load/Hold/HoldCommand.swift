import ArgumentParser
import BenchmarkPlayers
import ENet
import Foundation

/// Mixed load for a gateway, for as long as asked: players of all kinds come and go, and everything that can go wrong
/// around them does. What is reliable must arrive, memory must not grow, and nothing may crash.
@main struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "BenchmarkHold")

    @Option(help: "How long, in minutes.") var minutes = 60
    @Option(help: "Web players at a time.") var players = 70
    @Option(help: "Native players at a time.") var native = 6
    @Option(help: "What everything that happens is drawn from.") var seed: UInt64 = 1
    @Option(help: ArgumentHelp("The gateway's program.", valueName: "file")) var gateway: String
    @Option(help: ArgumentHelp("The game server's program.", valueName: "file")) var server: String
    @Option(help: ArgumentHelp("For logs and settings.", valueName: "folder")) var folder: String

    func validate() throws {
        guard minutes > 0, (1...300).contains(players), (0...100).contains(native) else {
            throw ValidationError("There must be minutes and players.")
        }
    }

    func run() throws {
        do {
            try SocketLayer.verifyIsInstalled()
            let hold = try Hold(self)
            let verdict = try hold.run()
            print(verdict.text)
            guard verdict.faults.isEmpty else {
                verdict.faults.forEach(Self.tell)
                throw ExitCode.failure
            }
        } catch let error as LoadError {
            Self.tell(error.sentence)
            throw ExitCode.failure
        }
    }

    /// Standard output has the report alone.
    static func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
