import CDispatch
import Dispatch
import Glibc

/// A process without any descriptor left, in which more work waits than libdispatch has threads for; it ends after several
/// of the looks that libdispatch takes at its threads, with status 0 if it may.
@main struct CrowdedPool {
    static func main() {
        // What libdispatch itself waits with is opened at the first wait.
        let first = DispatchSemaphore(value: 0)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { first.signal() }
        first.wait()
        for _ in 0..<1_000 { DispatchQueue.global().async { sleep(10) } }
        let lowest = open("/dev/null", O_RDONLY)
        var limit = rlimit()
        guard lowest >= 0, close(lowest) == 0,
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        else { exit(71) }
        limit.rlim_cur = rlim_t(lowest)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(71) }
        sleep(3)
        // Nothing else may come of it.
        guard open("/dev/null", O_RDONLY) == -1, errno == EMFILE else { exit(1) }
        guard open("/proc/self/stat", O_RDONLY) == -1, errno == EMFILE else { exit(1) }
        exit(0)
    }
}
