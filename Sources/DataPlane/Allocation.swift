import CSockets

/// How libc's malloc keeps what is freed.
enum Allocation {
    /// Has freed blocks joined with their neighbours at once. libc would put small ones by as they are (mallopt(3),
    /// M_MXFAST), and go through all of them whenever something large is asked for or freed. A handshake frees a thousand small
    /// blocks, and asks for something large again and again; the few that a thread needs all the time are kept for it in any
    /// case.
    static func joinFreedBlocks() {
        mallopt(M_MXFAST, 0)
    }
}
