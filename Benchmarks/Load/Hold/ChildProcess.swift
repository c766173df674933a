import BenchmarkPlayers
import Foundation
import Glibc

/// A program that this one starts and whose standard output or error it reads from a file.
final class ChildProcess {
    private let process = Process()
    private let life = Pipe()
    private let log: URL

    /// - Parameters:
    ///   - log: where both its outputs go, after what is there.
    ///   - sign: what is in them when it is ready.
    init(_ program: URL, _ arguments: [String], log: URL, sign: String) throws {
        self.log = log
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        let start = try output.seekToEnd()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = life
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try output.close()
        while try !text(from: start).contains(sign) {
            guard process.isRunning else {
                throw LoadError("\(program.lastPathComponent) did not start: \(try text())")
            }
            usleep(20_000)
        }
    }

    /// Its outputs so far.
    func text(from start: UInt64 = 0) throws -> String {
        let file = try FileHandle(forReadingFrom: log)
        defer { try? file.close() }
        try file.seek(toOffset: start)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    var id: pid_t { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// How it ended, in words; nil while it runs.
    var end: String? {
        guard !process.isRunning else { return nil }
        return process.terminationReason == .exit
            ? "exit status \(process.terminationStatus)" : "signal \(process.terminationStatus)"
    }

    func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    func waitForEnd() { process.waitUntilExit() }
}
