import ICE
import Primitives

/// A browser's TCP connection to the gateway in virtual time: frames as bytes, in order, cut wherever chance will have
/// it, and none lost until the connection is.
struct SimulatedStream {
    /// One direction.
    private struct Pipe {
        /// In order, the next due first.
        var chunks: [(due: Instant, bytes: [UInt8])] = []
        var decoder = FrameDecoder()
    }

    enum End: CaseIterable { case gateway, browser }

    let path: Path
    private let delay: Milliseconds
    private var pipes: [End: Pipe] = [.gateway: Pipe(), .browser: Pipe()]
    private var random: SeededRandom
    /// A browser has shown itself on it. Until then the gateway's shell only waits for that, and not for long.
    var isProven = false
    /// The gateway sends nothing more and the connection goes when all has arrived.
    var isFinished = false

    init(path: Path, delay: Milliseconds, random: SeededRandom) {
        self.path = path
        self.delay = delay
        self.random = random
    }

    /// When something arrives at either end.
    var nextDue: Instant? { pipes.values.compactMap(\.chunks.first?.due).min() }

    var isEmpty: Bool { pipes.values.allSatisfy(\.chunks.isEmpty) }

    mutating func send(_ datagram: [UInt8], to end: End, at now: Instant) {
        var queue = FrameQueue()
        guard datagram.withUnsafeBytes({ queue.append($0) }) else { return }
        var rest = queue.withBytes { Array($0) }[...]
        var due = max(now + delay, pipes[end]?.chunks.last?.due ?? now)
        while !rest.isEmpty {
            let count = random.chance(perMille: 300) ? Int.random(in: 1...rest.count, using: &random) : rest.count
            pipes[end]?.chunks.append((due, Array(rest.prefix(count))))
            rest = rest.dropFirst(count)
            if random.chance(perMille: 100) { due = due + Milliseconds(UInt64.random(in: 0...20, using: &random)) }
        }
    }

    /// The frames that are whole at `end` by `now`.
    mutating func receive(at end: End, _ now: Instant) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let first = pipes[end]?.chunks.first, first.due <= now {
            pipes[end]?.chunks.removeFirst()
            let reason = first.bytes.withUnsafeBytes { bytes in
                pipes[end]?.decoder.receive(bytes) { frame in
                    frames.append(Array(frame))
                    return true
                }
            }
            precondition(reason == nil, "Both ends frame well.")
        }
        return frames
    }
}
