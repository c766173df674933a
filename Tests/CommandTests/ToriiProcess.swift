import Foundation
import Glibc
import Testing

/// The `torii` command of this build as a child process.
///
/// `timeout` stands before it, so that it ends even if this program is killed; signals it hands on once.
final class ToriiProcess: Sendable {
    struct Outcome: Sendable {
        /// As a shell sees it.
        let status: Int32
        let output: String
        let errors: [String]
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Seconds until a command that does not return is killed, which shows as status 137.
    private static let longestRun = 120

    private let process = Process()
    private let output = Pipe()
    private let errors: Lines

    /// - Parameters:
    ///   - shell: what a shell does before it becomes the command, such as `ulimit`.
    ///   - isApart: whether what the shell mounts is for the command alone.
    ///   - isBlocking: whether the command starts with all signals blocked.
    init(_ arguments: [String], shell: String = ":", isApart: Bool = false, isBlocking: Bool = false) throws {
        let pipe = Pipe()
        errors = Lines(of: pipe.fileHandleForReading)
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = "\(shell); exec timeout --foreground --signal=KILL \(Self.longestRun) \"$@\""
        let space = isApart ? ["unshare", "--mount", "--propagation", "private"] : []
        process.arguments = space + ["sh", "-c", script, "sh", try Self.path()] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = pipe
        // The mask is inherited, and the threads that tests run on have one of their own.
        var wanted = sigset_t()
        var previous = sigset_t()
        _ = isBlocking ? sigfillset(&wanted) : sigemptyset(&wanted)
        pthread_sigmask(SIG_SETMASK, &wanted, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try process.run()
    }

    /// Runs the command to its end.
    static func run(_ arguments: [String], shell: String = ":") async throws -> Outcome {
        try await ToriiProcess(arguments, shell: shell).outcome()
    }

    /// The next line of the log that contains `text`.
    func line(containing text: String) async throws -> String {
        try await Self.waiting { [errors] in try errors.next(containing: text) }
    }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for a line of the log that contains `text`, then sends the signal again and again until the command has
    /// ended: what comes soon after the first signal counts as the first once more. In one go, because the command waits
    /// only so long, and the threads of all tests are few.
    func signalUntilItEnds(_ number: Int32, after text: String) async throws {
        try await Self.waiting { [self] in
            _ = try errors.next(containing: text)
            while process.isRunning {
                signal(number)
                usleep(20_000)
            }
        }
    }

    /// Waits for its end.
    func outcome() async throws -> Outcome {
        try await Self.waiting { [self] in
            let output = output.fileHandleForReading.readDataToEndOfFile()
            while errors.next() != nil {}
            process.waitUntilExit()
            let isExit = process.terminationReason == .exit
            return Outcome(
                status: isExit ? process.terminationStatus : 128 + process.terminationStatus,
                output: String(decoding: output, as: UTF8.self), errors: errors.all)
        }
    }

    /// The process `timeout` started.
    var commandID: pid_t {
        get throws {
            let own = process.processIdentifier
            let children = try String(contentsOfFile: "/proc/\(own)/task/\(own)/children", encoding: .utf8)
            guard let first = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
                throw Failure(description: "there is no command")
            }
            return first
        }
    }

    /// The build lays all executables beside the tests' own.
    private static func path() throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let command = tests.deletingLastPathComponent().appending(path: "torii").path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: command) else {
            throw Failure(description: "\(command) is not there; build it with the tests")
        }
        return command
    }

    /// Runs what blocks on a thread of its own.
    private static func waiting<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}

/// Lines of a pipe, read one at a time; all that were read stay.
private final class Lines: @unchecked Sendable {
    private let handle: FileHandle
    private let lock = NSLock()
    private var rest = Data()
    private var lines: [String] = []

    init(of handle: FileHandle) {
        self.handle = handle
    }

    var all: [String] { lock.withLock { lines } }

    /// Waits for one that contains `text`.
    func next(containing text: String) throws -> String {
        while let line = next() {
            if line.contains(text) { return line }
        }
        throw ToriiProcess.Failure(description: "the command ended without a line containing \(text): \(all)")
    }

    /// Waits for the next one; nil when the writer is gone.
    func next() -> String? {
        lock.withLock {
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(...end)
                    lines.append(line)
                    return line
                }
                let more = handle.availableData
                guard !more.isEmpty else {
                    guard !rest.isEmpty else { return nil }
                    rest.append(UInt8(ascii: "\n"))
                    continue
                }
                rest.append(more)
            }
        }
    }
}
