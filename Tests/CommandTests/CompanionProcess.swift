import Foundation

/// A program that the build lays beside the tests' own, such as a game server or players. It ends with its standard input,
/// or when it is done.
final class CompanionProcess: Sendable {
    private let process = Process()
    private let life = Pipe()
    private let output = Pipe()

    init(_ name: String, _ arguments: [String]) throws {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        // It ends even if this program is killed.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["timeout", "--signal=KILL", "100", tests.deletingLastPathComponent().appending(path: name).path]
            + arguments
        process.standardInput = life
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    /// Both its outputs until `sign` is in them.
    func waitForOutput(_ sign: String) async throws {
        let isThere = await Self.waiting { [output] in
            var text = ""
            while !text.contains(sign) {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { return false }
                text += String(decoding: more, as: UTF8.self)
            }
            return true
        }
        guard isThere else { throw ToriiProcess.Failure(description: "a program ended without saying \(sign)") }
    }

    /// Waits for its end.
    func outcome() async throws -> (status: Int32, output: String) {
        await Self.waiting { [self] in
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: text, as: UTF8.self))
        }
    }

    func end() { process.terminate() }

    /// Runs what blocks on a thread of its own.
    private static func waiting<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
