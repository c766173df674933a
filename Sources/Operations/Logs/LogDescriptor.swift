import Glibc

/// Where lines of the log go. Whoever logs never waits for whoever reads: a line that cannot be written at once is left out
/// and counted, be it that a pipe is full because nobody reads it, a disk is full, or the reader is gone.
struct LogDescriptor {
    private let number: Int32
    /// Lines since the last one that was written.
    private(set) var unwritten = 0
    /// The last line that was written lacks its end.
    private var isCut = false

    /// As much as a pipe or socket takes at once where `poll` says that it takes anything (pipe(7), PIPE_BUF).
    private static let atOnce = 4096

    init(_ number: Int32) {
        self.number = number
    }

    /// Writes these lines, which have no ends.
    ///
    /// - Parameter gap: the line that tells how many before these could not be written.
    mutating func write(_ lines: [String], gap: (Int) -> String) {
        let told = unwritten > 0 ? [gap(unwritten)] + lines : lines
        // At once, so that lines of several threads do not mix.
        let text = (isCut ? "\n" : "") + told.map { "\($0)\n" }.joined()
        if write(text) { unwritten = 0 } else { unwritten += lines.count }
    }

    private mutating func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                guard isReady, let count = writeAtOnce(rest.prefix(Self.atOnce)) else {
                    isCut = isCut || rest.count < bytes.count
                    return false
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            isCut = false
            return true
        }
    }

    private var isReady: Bool {
        var watched = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        return poll(&watched, 1, 0) == 1 && watched.revents & Int16(POLLOUT) != 0
    }

    private func writeAtOnce(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes)
        while true {
            let count = Glibc.write(number, bytes.baseAddress, bytes.count)
            if count > 0 { return count }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
