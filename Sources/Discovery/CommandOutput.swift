import Glibc
import Primitives

/// What a program prints. There is no shell: a program's path and its arguments.
enum CommandOutput {
    /// Starts it, and takes its standard output until it ends; its standard error is ours, its input empty. What takes too
    /// long, or says too much, is killed with all that it started.
    static func run(_ words: [String], until deadline: Deadline) throws(DiscoveryError) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        // No pipe, because only this can be kept from all other children from its beginning on.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw DiscoveryError("no socket can be opened: \(ByteStream.words(errno))")
        }
        let child: pid_t
        do throws(DiscoveryError) {
            child = try spawn(words, output: ends[1])
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
        close(ends[1])
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let stream = ByteStream(ends[0], until: deadline)
        do throws(DiscoveryError) {
            let output = try stream.readAll(atMost: ServerList.longest)
            try check(waitForEnd(of: child, until: deadline))
            return output
        } catch {
            kill(-child, SIGKILL)
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    private static func spawn(_ words: [String], output: Int32) throws(DiscoveryError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that it ends with all it started; and signals as any program has them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = words.map { strdup($0) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        var child = pid_t()
        var variables = environment.map { strdup($0) }
        defer { variables.forEach { free($0) } }
        variables.append(nil)
        let result = posix_spawn(&child, words[0], &actions, &attributes, arguments, variables)
        guard result == 0 else { throw DiscoveryError("it does not start: \(ByteStream.words(result))") }
        return child
    }

    /// Ours without the gateway's own settings, among which are secrets.
    private static var environment: [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            if !text.hasPrefix("TORII_") { variables.append(text) }
            next += 1
        }
        return variables
    }

    /// What waitpid(2) says. A program that has closed its output may still run.
    private static func waitForEnd(of child: pid_t, until deadline: Deadline) throws(DiscoveryError) -> Int32 {
        var status: Int32 = 0
        while true {
            let result = waitpid(child, &status, WNOHANG)
            if result == child { return status }
            guard result == 0 || errno == EINTR else { throw DiscoveryError("its end cannot be waited for") }
            guard deadline.remaining > 0 else { throw .timedOut }
            poll(nil, 0, min(deadline.remaining, 10))
        }
    }

    private static func check(_ status: Int32) throws(DiscoveryError) {
        let signal = status & 0x7F
        guard signal == 0 else { throw DiscoveryError("it was ended by signal \(signal)") }
        let code = status >> 8 & 0xFF
        guard code == 0 else { throw DiscoveryError("it ended with status \(code)") }
    }
}
