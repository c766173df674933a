import Foundation
import Glibc
import Synchronization

/// A program started by a test: its lines can be awaited, and it and everything it started is ended and reaped when the
/// test is over, also when the test failed.
///
/// It leads a process group of its own, so that a browser's many processes end with it. Should the test program itself
/// be killed, the end of standard input and `timeout` still end it.
final class ChildProcess: Sendable {
    enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    /// The longest any program may run, whatever happens to the test.
    static let longestRun = Duration.seconds(300)

    let name: String
    let output = Journal<String>()
    let errors = Journal<String>()
    private let exits = Journal<Exit>()
    private let group: pid_t
    private let input: Int32
    private let readers = DispatchGroup()
    private let isReaped = Mutex(false)

    /// Starts `program` (a path, or a name looked up in PATH) with the test's own environment and `environment` over it,
    /// in the current network namespace.
    init(_ program: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let name = URL(filePath: program).lastPathComponent
        let input = try Self.socketPair()
        let output = try Self.socketPair()
        let errors = try Self.socketPair()
        defer { for descriptor in [input.theirs, output.theirs, errors.theirs] { close(descriptor) } }

        let command =
            (NetworkNamespace.current?.prefix ?? [])
            + ["timeout", "--signal=KILL", "\(Int(Self.longestRun.seconds))", program] + arguments
        let merged = ProcessInfo.processInfo.environment.merging(environment) { _, ours in ours }
        let spawned = Self.spawn(
            command, environment: merged.map { "\($0)=\($1)" },
            descriptors: [input.theirs, output.theirs, errors.theirs])
        guard case .success(let pid) = spawned else {
            for descriptor in [input.ours, output.ours, errors.ours] { close(descriptor) }
            throw HarnessError("cannot start \(name): \(spawned)")
        }
        self.name = name
        self.group = pid
        self.input = input.ours
        Self.read(output.ours, into: self.output, of: name, in: readers)
        Self.read(errors.ours, into: self.errors, of: name, in: readers)
        Thread.detachNewThread { self.reap() }
    }

    deinit {
        close(input)
    }

    /// Runs `body` beside the program and ends the program afterwards, whatever happened.
    @discardableResult
    static func running<Result: Sendable>(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let process = try ChildProcess(program, arguments, environment: environment)
        do {
            let result = try await body(process)
            await process.end()
            return result
        } catch {
            await process.end()
            throw error
        }
    }

    /// Writes one line to its standard input; false when it no longer reads.
    @discardableResult
    func write(_ line: String) -> Bool {
        let bytes = Array("\(line)\n".utf8)
        return send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// The end of its standard input.
    func closeInput() {
        shutdown(input, Int32(SHUT_WR))
    }

    /// Waits until it has ended by itself; all its lines are there then.
    func exit(within patience: Duration = .seconds(20)) async throws -> Exit {
        try await exits.first("the end of \(name)", within: patience) { _ in true }
    }

    var hasEnded: Bool { !exits.entries.isEmpty }

    /// Kills the whole process group and waits until its leader is reaped. Nothing happens when it has ended already.
    func end() async {
        signal(SIGKILL)
        // Nobody survives SIGKILL; were it to take this long, the process table would tell.
        _ = try? await exit(within: .seconds(30))
    }

    /// Sends a signal to the whole process group.
    func signal(_ number: Int32) {
        isReaped.withLock { isReaped in
            if !isReaped { killpg(group, number) }
        }
    }

    /// Sends a signal to the program alone, for those that would end the `timeout` before it.
    func signalProgram(_ number: Int32) throws {
        let children = try String(contentsOfFile: "/proc/\(group)/task/\(group)/children", encoding: .utf8)
        guard let program = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
            throw HarnessError("\(name) has ended")
        }
        kill(program, number)
    }

    /// Memory of the whole process group, in KiB.
    var residentKilobytes: Int {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
                .filter { getpgid($0) == group }
                .compactMap { try? String(contentsOfFile: "/proc/\($0)/status", encoding: .utf8) }
                .compactMap { $0.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } }
                .compactMap { $0.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } }
                .reduce(0, +)
        }
    }

    /// Waits for the leader. Its group is killed before it is reaped: until then the number of the group is surely ours.
    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(group), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        var status: Int32 = 0
        isReaped.withLock { isReaped in
            killpg(group, SIGKILL)
            while waitpid(group, &status, 0) < 0, errno == EINTR {}
            isReaped = true
        }
        // What the last lines say belongs to the end. A process that left the group could keep them open for ever.
        _ = readers.wait(timeout: .now() + 5)
        let bySignal = status & 0x7f
        exits.append(bySignal == 0 ? .code((status >> 8) & 0xff) : .signal(bySignal))
    }

    /// Reads lines on a thread of their own until every holder of the other end is gone.
    private static func read(
        _ descriptor: Int32, into journal: Journal<String>, of name: String, in readers: DispatchGroup
    ) {
        readers.enter()
        Thread.detachNewThread {
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    journal.append(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeSubrange(...end)
                }
            }
            if !rest.isEmpty { journal.append(String(decoding: rest, as: UTF8.self)) }
            journal.end("\(name) ended")
            close(descriptor)
            readers.leave()
        }
    }
}

extension ChildProcess {
    private typealias Ends = (ours: Int32, theirs: Int32)

    /// Sockets rather than pipes, because only a socket can be written to without the risk of SIGPIPE; close-on-exec, so
    /// that no other child started at the same moment holds our ends open.
    private static func socketPair() throws -> Ends {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw HarnessError("socketpair: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ command: [String], environment: [String], descriptors: [Int32]
    ) -> Swift.Result<pid_t, HarnessError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, &variables)
        return result == 0 ? .success(pid) : .failure(HarnessError(String(cString: strerror(result))))
    }
}
