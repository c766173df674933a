import CSockets
import Glibc

/// The kernel's random numbers, fetched for many at a time: a join takes about forty, and each fetch is a system call.
///
/// What was given out is wiped, so that memory does not tell afterwards what a session's secrets were. Nobody has a copy of
/// what is left: the programs that this process starts do not go on with its memory.
final class BufferedRandom: RandomNumberGenerator {
    private var words = [UInt64](repeating: 0, count: capacity)
    /// How many of the first are still to be given out.
    private var left = 0

    // Our choice. getrandom(2) gives up to 256 bytes without ever being interrupted, once the kernel is ready.
    static let capacity = 256 / MemoryLayout<UInt64>.size

    func next() -> UInt64 {
        if left == 0 { fill() }
        left -= 1
        let word = words[left]
        words[left] = 0
        return word
    }

    private func fill() {
        words.withUnsafeMutableBytes { bytes in
            while getrandom(bytes.baseAddress, bytes.count, 0) != bytes.count {
                precondition(errno == EINTR, "the kernel has no random numbers")
            }
        }
        left = Self.capacity
    }
}
