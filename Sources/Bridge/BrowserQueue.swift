import DequeModule
import Primitives
import SCTP

/// Messages for one browser that could not be handed to SCTP at once.
///
/// Two rules: unreliable messages are dropped stale first, by age and by room, and counted; reliable messages are never
/// dropped, and when they exceed their room the queue says so and the session ends. Unreliable messages go first,
/// whatever reliable ones wait, because they are worth least a moment later; but not so many that those never go. Among
/// messages of one kind, streams take turns.
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
    /// From here on the server's reliable packets are left unacknowledged, which makes it wait.
    public static let reliableHighWater = 1 << 18
    /// Bytes of unreliable messages that may wait: one of the largest of Godot, or 0.2 s of state at 2.5 Mbit/s.
    public static let unreliableLimit = 66 * 1024
    /// An unreliable message older than this is worth nothing to a game at 10 Hz or more, unless the page said how long
    /// its messages live.
    public static let staleAge: Milliseconds = 200
    /// Bytes of unreliable messages that overtake a reliable one that waits.
    static let overtakingLimit = 48 * 1024

    private let isPaced: Bool
    private var streams: [UInt16: BrowserStreamQueue] = [:]
    /// Streams with unreliable messages waiting, the next to take its turn first.
    private var unreliableTurns = Deque<UInt16>()
    /// Likewise with reliable ones.
    private var reliableTurns = Deque<UInt16>()
    /// Bytes of unreliable messages that were sent since a reliable one was.
    private var overtakingBytes = 0
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

    public var isEmpty: Bool { unreliableTurns.isEmpty && reliableTurns.isEmpty }

    /// Whether a message may go straight to SCTP: none waits on its stream, and its stream's pace allows it.
    public mutating func mayPass(_ destination: BrowserDestination, count: Int, at now: Instant) -> Bool {
        guard isPaced || !isEmpty else { return true }
        return streams[destination.stream, default: BrowserStreamQueue()].mayPass(
            count: count, isPaced: isPaced, at: now)
    }

    /// Notes a message that went straight to SCTP.
    public mutating func notePassed(_ destination: BrowserDestination, count: Int) {
        guard isPaced else { return }
        streams[destination.stream, default: BrowserStreamQueue()].pacer.note(count)
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
        let kind: BrowserStreamQueue.Kind = destination.isReliable ? .reliable : .unreliable
        if !streams[stream, default: BrowserStreamQueue()].has(kind) {
            withTurns(kind) { $0.append(stream) }
        }
        streams[stream, default: BrowserStreamQueue()].append(message)
        return .kept
    }

    /// Gives messages to `send` until it does not accept one, all are gone, or what is left must wait for its pace.
    public mutating func drain(
        at now: Instant, send: (UnsafeRawBufferPointer, BrowserDestination) -> SCTPSendResult
    ) {
        dropStale(at: now)
        isRefused = false
        var isSent = true
        while isSent {
            let mayOvertake = overtakingBytes < Self.overtakingLimit
            isSent =
                sendNext(mayOvertake ? .unreliable : .reliable, at: now, send)
                || sendNext(mayOvertake ? .reliable : .unreliable, at: now, send)
        }
    }

    /// Sends one message of `kind`, of the first stream that may. False when none may, or SCTP takes none of this kind.
    private mutating func sendNext(
        _ kind: BrowserStreamQueue.Kind, at now: Instant,
        _ send: (UnsafeRawBufferPointer, BrowserDestination) -> SCTPSendResult
    ) -> Bool {
        for _ in 0..<withTurns(kind, { $0.count }) {
            guard let stream = withTurns(kind, { $0.popFirst() }), var queue = streams.removeValue(forKey: stream)
            else { continue }
            let outcome = queue.sendFirst(kind, isPaced: isPaced, at: now, send)
            // An empty queue is kept only for its pace.
            if !queue.isEmpty || isPaced {
                streams[stream] = queue
            }
            switch outcome {
            case .sent(let message):
                if queue.has(kind) { withTurns(kind) { $0.append(stream) } }
                release(message)
                overtakingBytes = kind == .reliable ? 0 : overtakingBytes + message.cost
                return true
            case .waits:
                withTurns(kind) { $0.append(stream) }
            case .refused:
                withTurns(kind) { $0.prepend(stream) }
                isRefused = true
                return false
            case .nothingLeft:
                continue
            }
        }
        return false
    }

    private mutating func withTurns<Value>(
        _ kind: BrowserStreamQueue.Kind, _ body: (inout Deque<UInt16>) -> Value
    ) -> Value {
        kind == .unreliable ? body(&unreliableTurns) : body(&reliableTurns)
    }

    /// When a message that waits for its pace may go, or has grown stale; nil when none waits.
    public var nextDeadline: Instant? {
        let isPaceAwaited = isPaced && !isRefused
        let unreliable = unreliableTurns.lazy.compactMap { streams[$0]?.nextDeadline(isPaced: isPaceAwaited) }.min()
        guard isPaceAwaited else { return unreliable }
        let reliable = reliableTurns.lazy.compactMap { streams[$0]?.pacer.nextSlot }.min()
        return .earlier(unreliable, reliable)
    }

    /// Drops what waits for one stream, because its channel was closed: what is sent there next is another's.
    public mutating func discard(stream: UInt16) {
        guard let queue = streams.removeValue(forKey: stream) else { return }
        unreliableTurns.removeAll { $0 == stream }
        reliableTurns.removeAll { $0 == stream }
        for messages in [queue.reliable, queue.unreliable] {
            for message in messages { release(message) }
            drops.count(.channelClosed, times: UInt64(messages.count))
        }
    }

    /// Drops everything, because the browser is gone.
    public mutating func discard() {
        for queue in streams.values {
            drops.count(.sessionEnding, times: UInt64(queue.reliable.count + queue.unreliable.count))
        }
        streams.removeAll()
        unreliableTurns.removeAll()
        reliableTurns.removeAll()
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
        unreliableTurns.min { left, right in
            (streams[left]?.unreliable.first?.queuedAt ?? Instant(nanoseconds: .max))
                < (streams[right]?.unreliable.first?.queuedAt ?? Instant(nanoseconds: .max))
        }
    }

    private mutating func dropFirstUnreliable(on stream: UInt16) {
        guard let message = streams[stream]?.dropFirstUnreliable() else { return }
        release(message)
        if streams[stream]?.has(.unreliable) == false {
            unreliableTurns.removeAll { $0 == stream }
        }
    }

    private mutating func dropStale(at now: Instant) {
        guard !unreliableTurns.isEmpty else { return }
        for stream in unreliableTurns {
            while let staleAt = streams[stream]?.unreliable.first?.staleAt, staleAt <= now,
                let message = streams[stream]?.dropFirstUnreliable()
            {
                release(message)
                drops.count(.messageStale)
            }
        }
        unreliableTurns.removeAll { streams[$0]?.has(.unreliable) != true }
    }

    private mutating func release(_ message: Message) {
        if message.destination.isReliable {
            reliableBytes -= message.cost
        } else {
            unreliableBytes -= message.cost
        }
    }
}
