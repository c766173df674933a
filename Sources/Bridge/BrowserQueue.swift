import DequeModule
import Primitives
import SCTP

/// Messages for one browser that could not be handed to SCTP at once.
///
/// Two rules: unreliable messages are dropped stale first, by age and by room, and counted; reliable messages are never
/// dropped, and when they exceed their room the queue says so and the session ends. Streams take turns, and on each
/// stream the unreliable message goes first, because it is worth least a moment later.
public struct BrowserQueue: Sendable {
    public struct Message: Sendable {
        public let destination: BrowserDestination
        public let payload: [UInt8]
        let queuedAt: Instant

        /// What the message counts against the limits, so that empty messages fill the queue, too.
        var cost: Int { payload.count + 64 }

        /// When it is worth nothing any more; nil for a reliable one. A lifetime the page asked for counts from here.
        var staleAt: Instant? {
            switch destination.reliability {
            case .reliable: nil
            case .retransmissions: queuedAt + BrowserQueue.staleAge
            case .lifetime(let milliseconds): queuedAt + Milliseconds(UInt64(milliseconds))
            }
        }

        /// The destination with what is left of its lifetime.
        func destination(at now: Instant) -> BrowserDestination {
            guard case .lifetime = destination.reliability, let staleAt else { return destination }
            return BrowserDestination(
                stream: destination.stream, isUnordered: destination.isUnordered,
                reliability: .lifetime(UInt32(clamping: staleAt.since(now).whole)))
        }
    }

    public enum Room: Sendable {
        case kept
        /// The reliable messages have reached their bound: the browser does not keep up.
        case exhausted
    }

    // Our choice.
    /// Bytes of reliable messages that may wait: four of the largest.
    public static let reliableLimit = 1 << 20
    /// From here on the server's packets are left unread, which makes it wait.
    public static let reliableHighWater = 1 << 18
    /// Bytes of unreliable messages that may wait: one of the largest of Godot, or 0.2 s of state at 2.5 Mbit/s.
    public static let unreliableLimit = 66 * 1024
    /// An unreliable message older than this is worth nothing to a game at 10 Hz or more, unless the page said how long
    /// its messages live.
    public static let staleAge: Milliseconds = 200

    private let isPaced: Bool
    private var streams: [UInt16: StreamQueue] = [:]
    /// Streams with messages waiting, the next to take its turn first.
    private var turns = Deque<UInt16>()
    public private(set) var reliableBytes = 0
    public private(set) var unreliableBytes = 0
    /// What was dropped, and why.
    public private(set) var drops = DropCounters()
    /// Whether the last `drain` ended because SCTP took no more. What it acknowledges next then sets the time.
    private var isRefused = false

    /// - Parameter isPaced: whether each stream stays below what Godot's page can hold.
    public init(isPaced: Bool) {
        self.isPaced = isPaced
    }

    public var isEmpty: Bool { turns.isEmpty }

    /// Whether a message may go straight to SCTP: none waits on its stream, and its stream's pace allows it.
    public mutating func mayPass(_ destination: BrowserDestination, count: Int, at now: Instant) -> Bool {
        guard isPaced || !turns.isEmpty else { return true }
        return streams[destination.stream, default: StreamQueue()].mayPass(count: count, isPaced: isPaced, at: now)
    }

    /// Notes a message that went straight to SCTP.
    public mutating func notePassed(_ destination: BrowserDestination, count: Int) {
        guard isPaced else { return }
        streams[destination.stream, default: StreamQueue()].pacer.note(count)
    }

    public mutating func append(
        _ payload: UnsafeRawBufferPointer, to destination: BrowserDestination, at now: Instant
    ) -> Room {
        let message = Message(destination: destination, payload: Array(payload), queuedAt: now)
        if destination.isReliable {
            guard reliableBytes + message.cost <= Self.reliableLimit else { return .exhausted }
            reliableBytes += message.cost
        } else {
            makeRoom(for: message.cost)
            unreliableBytes += message.cost
        }
        let stream = destination.stream
        if streams[stream, default: StreamQueue()].isEmpty {
            turns.append(stream)
        }
        streams[stream, default: StreamQueue()].append(message)
        return .kept
    }

    /// Gives messages to `send` until it does not accept one, all are gone, or what is left must wait for its pace.
    public mutating func drain(
        at now: Instant, send: (UnsafeRawBufferPointer, BrowserDestination) -> SCTPSendResult
    ) {
        dropStale(at: now)
        isRefused = false
        var waiting = 0
        while waiting < turns.count, let stream = turns.popFirst() {
            guard var queue = streams.removeValue(forKey: stream) else { continue }
            let outcome = queue.sendFirst(isPaced: isPaced, at: now, send)
            if case .sent(let message) = outcome {
                release(message)
                waiting = 0
            } else {
                waiting += 1
            }
            // An empty queue is kept only for its pace.
            if !queue.isEmpty || isPaced {
                streams[stream] = queue
            }
            guard !queue.isEmpty else { continue }
            if outcome.isRefusal {
                turns.prepend(stream)
                isRefused = true
                return
            }
            turns.append(stream)
        }
    }

    /// When a message that waits for its pace may go, or has grown stale; nil when none waits.
    public var nextDeadline: Instant? {
        turns.compactMap { streams[$0]?.nextDeadline(isPaced: isPaced && !isRefused) }.min()
    }

    /// Drops what waits for one stream, because its channel was closed: what is sent there next is another's.
    public mutating func discard(stream: UInt16) {
        guard let queue = streams.removeValue(forKey: stream) else { return }
        turns.removeAll { $0 == stream }
        for messages in [queue.reliable, queue.unreliable] {
            for message in messages { release(message) }
            drops.count(.channelClosed, times: UInt64(messages.count))
        }
    }

    /// Drops everything, because the browser is gone.
    public mutating func discard() {
        for stream in turns {
            guard let queue = streams[stream] else { continue }
            drops.count(.sessionEnding, times: UInt64(queue.reliable.count + queue.unreliable.count))
        }
        streams.removeAll()
        turns.removeAll()
        reliableBytes = 0
        unreliableBytes = 0
    }

    private mutating func makeRoom(for cost: Int) {
        while unreliableBytes > 0, unreliableBytes + cost > Self.unreliableLimit, let stream = streamOfOldestUnreliable
        {
            dropFirstUnreliable(on: stream)
            drops.count(.messageQueueFull)
        }
    }

    private var streamOfOldestUnreliable: UInt16? {
        turns.min { left, right in
            (streams[left]?.unreliable.first?.queuedAt ?? Instant(nanoseconds: .max))
                < (streams[right]?.unreliable.first?.queuedAt ?? Instant(nanoseconds: .max))
        }
    }

    private mutating func dropFirstUnreliable(on stream: UInt16) {
        guard let message = streams[stream]?.unreliable.popFirst() else { return }
        release(message)
        if streams[stream]?.isEmpty == true {
            turns.removeAll { $0 == stream }
        }
    }

    private mutating func dropStale(at now: Instant) {
        for stream in turns {
            while let first = streams[stream]?.unreliable.first, let staleAt = first.staleAt, staleAt <= now {
                streams[stream]?.unreliable.removeFirst()
                release(first)
                drops.count(.messageStale)
            }
        }
        turns.removeAll { streams[$0]?.isEmpty != false }
    }

    private mutating func release(_ message: Message) {
        if message.destination.isReliable {
            reliableBytes -= message.cost
        } else {
            unreliableBytes -= message.cost
        }
    }
}

/// What waits on one stream.
private struct StreamQueue: Sendable {
    enum Outcome {
        case sent(BrowserQueue.Message)
        /// For its pace, or because this stream alone cannot be sent on now.
        case waits
        case nothingLeft
        case refused

        var isRefusal: Bool {
            if case .refused = self { return true }
            return false
        }
    }

    var reliable = Deque<BrowserQueue.Message>()
    var unreliable = Deque<BrowserQueue.Message>()
    var pacer = BrowserPacer()

    var isEmpty: Bool { reliable.isEmpty && unreliable.isEmpty }

    /// When the first unreliable message grows stale or, where it waits for its pace, more may go.
    func nextDeadline(isPaced: Bool) -> Instant? {
        let stale = unreliable.first?.staleAt
        guard isPaced else { return stale }
        return min(stale ?? pacer.nextSlot, pacer.nextSlot)
    }

    mutating func mayPass(count: Int, isPaced: Bool, at now: Instant) -> Bool {
        isEmpty && (!isPaced || pacer.allows(count, at: now))
    }

    mutating func append(_ message: BrowserQueue.Message) {
        if message.destination.isReliable {
            reliable.append(message)
        } else {
            unreliable.append(message)
        }
    }

    mutating func sendFirst(
        isPaced: Bool, at now: Instant, _ send: (UnsafeRawBufferPointer, BrowserDestination) -> SCTPSendResult
    ) -> Outcome {
        guard let message = unreliable.first ?? reliable.first else { return .nothingLeft }
        guard !isPaced || pacer.allows(message.payload.count, at: now) else { return .waits }
        switch message.payload.withUnsafeBytes({ send($0, message.destination(at: now)) }) {
        case .accepted: break
        case .streamBusy: return .waits
        case .full, .refused: return .refused
        }
        pacer.note(message.payload.count)
        if unreliable.popFirst() == nil {
            reliable.removeFirst()
        }
        return .sent(message)
    }
}
