import DataPlane
import Glibc
import Primitives
import Synchronization

/// Signals as wishes to await, SIGTERM, SIGINT and SIGUSR1, and SIGHUP as something that comes again and again.
///
/// The handler only writes to a pipe, which is among the few things a handler may do, and a thread reads it. Made once
/// in a process. The second of those that end a process ends it, whatever it is doing.
final class OperatorSignals: Sendable {
    enum Wish: Sendable {
        /// SIGUSR1: take no new players, or take them again.
        case toggleDrain
        /// SIGTERM: take no new players, and stop when those who play are gone or have had their time.
        case depart
        /// SIGINT: stop.
        case stop
    }

    private struct State {
        /// Two that nobody has taken come to none.
        var isToggleDue = false
        var endDue: Wish?
        var firstEnd: Instant?
        var waiting: CheckedContinuation<Wish, Never>?

        /// What is due, the end first.
        mutating func take() -> Wish? {
            if let end = endDue {
                endDue = nil
                return end
            }
            guard isToggleDue else { return nil }
            isToggleDue = false
            return .toggleDrain
        }
    }

    // Our choice.
    /// What comes this soon after the first signal is the first once more: timeout(1) and others pass on to the command
    /// what the terminal or a supervisor has sent to both.
    private static let echoTime: Milliseconds = 200

    /// The pipe's writing end, for the handler; set before it is installed and never again.
    private nonisolated(unsafe) static var writingEnd: Int32 = -1

    private let state = Mutex(State())
    /// One element for each SIGHUP, or for several that came while the last was being answered.
    let hangUps: AsyncStream<Void>
    private let hangUp: AsyncStream<Void>.Continuation

    /// - Parameter takesHangUps: whether SIGHUP asks for something; otherwise it ends the process, as it does any.
    init(takesHangUps: Bool = false) {
        (hangUps, hangUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        precondition(result == 0, "The operating system has no descriptor left for the signal pipe.")
        Self.writingEnd = ends[1]
        signal(SIGPIPE, SIG_IGN)
        let numbers = [SIGTERM, SIGINT, SIGUSR1] + (takesHangUps ? [SIGHUP] : [])
        for number in numbers {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(OperatorSignals.writingEnd, &byte, 1)
            }
        }
        startThread(reading: ends[0])
    }

    /// Returns the next wish when its signal has come; one task at a time may wait. After the wish for an end there is
    /// none but SIGUSR1's.
    func next() async -> Wish {
        await withCheckedContinuation { continuation in
            let wish = state.withLock { state in
                let wish = state.take()
                if wish == nil { state.waiting = continuation }
                return wish
            }
            if let wish { continuation.resume(returning: wish) }
        }
    }

    private final class Reading {
        let signals: OperatorSignals
        let descriptor: Int32

        init(_ signals: OperatorSignals, _ descriptor: Int32) {
            self.signals = signals
            self.descriptor = descriptor
        }
    }

    private func startThread(reading descriptor: Int32) {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Reading(self, descriptor)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let reading = Unmanaged<Reading>.fromOpaque(argument).takeRetainedValue()
                reading.signals.read(reading.descriptor)
                return nil
            }, argument)
        precondition(result == 0, "The operating system has no thread left for signals.")
        pthread_detach(thread)
    }

    private func read(_ descriptor: Int32) {
        var number: UInt8 = 0
        while true {
            let count = Glibc.read(descriptor, &number, 1)
            if count == 1 {
                receive(Int32(number))
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    private func receive(_ number: Int32) {
        guard number != SIGHUP else {
            hangUp.yield()
            return
        }
        let now = MonotonicClock.now
        let handedOver: (CheckedContinuation<Wish, Never>, Wish)? = state.withLock { state in
            if number == SIGUSR1 {
                state.isToggleDue.toggle()
            } else if let first = state.firstEnd {
                // As a shell reports a process that a signal ended.
                if now.since(first) >= Self.echoTime { _exit(128 + number) }
            } else {
                state.firstEnd = now
                state.endDue = number == SIGINT ? .stop : .depart
            }
            guard let waiting = state.waiting, let wish = state.take() else { return nil }
            state.waiting = nil
            return (waiting, wish)
        }
        if let (waiting, wish) = handedOver { waiting.resume(returning: wish) }
    }
}
