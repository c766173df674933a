import Glibc

/// How many files and sockets the process may have open.
///
/// Every session has a socket of its own to its server, and the usual limit of 1024 is for programs that still use
/// `select`. A program may raise it itself up to a harder one.
public enum DescriptorLimit {
    /// Raises the limit where it is lower than `needed`.
    ///
    /// - Throws: `NetworkError.tooFewDescriptors` where this user may not have that many.
    public static func raise(to needed: Int) throws(NetworkError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .refused(call: "tell how many files may be open", code: errno)
        }
        let wanted = rlim_t(needed)
        guard limit.rlim_cur < wanted else { return }
        guard wanted <= limit.rlim_max else {
            throw .tooFewDescriptors(limit: Int(clamping: limit.rlim_max), needed: needed)
        }
        limit.rlim_cur = wanted
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw .refused(call: "let \(needed) files be open", code: errno)
        }
    }
}
