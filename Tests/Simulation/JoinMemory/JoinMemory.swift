import Glibc
import HeapInUse

/// What players cost in memory, in a process of its own, so that nothing else counts. Tests/Simulation/memory says more.
@main enum JoinMemory {
    static func main() {
        countEveryFreedByte()
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]), (1...60_000).contains(count) else { usage() }
        do {
            switch arguments[1] {
            case "leave": try Leaving.measure(count)
            case "wait": try Waiting.measure(count)
            case "secured": try Secured.measure(count)
            case "idle": try Idle.measure(count)
            case "full": try Full.measure(count)
            default: usage()
            }
        } catch {
            say("FAILED: \(error)")
            exit(1)
        }
    }

    /// Bytes in use.
    static var heap: Int { Int(torii_heap_in_use()) }

    /// A line of output, without a buffer that would count as memory in use.
    static func say(_ words: String) {
        let line = Array((words + "\n").utf8)
        write(STDOUT_FILENO, line, line.count)
    }

    /// libc keeps some of what a thread freed for the thread to have again, and counts it as in use, unless it is told
    /// not to before a program begins.
    private static func countEveryFreedByte() {
        guard getenv("GLIBC_TUNABLES") == nil else { return }
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }

    private static func usage() -> Never {
        say("usage: JoinMemory leave|wait|secured|idle|full COUNT, which is 60000 at most")
        exit(2)
    }
}

/// What does not hold although it must.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
