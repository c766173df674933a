import DataPlane
import Glibc
import Primitives
import Synchronization

/// SIGTERM and SIGINT as something to await, and SIGHUP as something that comes again and again.
///
/// The handler only writes to a pipe, which is among the few things a handler may do, and a thread reads it. Made once
/// in a process. A second signal ends the process, whatever it is doing.
final class ProcessSignals: Sendable {
    private enum State {
        case waiting(CheckedContinuation<Void, Never>?)
        case received(at: Instant)
    }

    // Our choice.
    /// What comes this soon after the first signal is the first once more: timeout(1) and others pass on to the command
    /// what the terminal or a supervisor has sent to both.
    private static let echoTime: Milliseconds = 200

    /// The pipe's writing end, for the handler; set before it is installed and never again.
    private nonisolated(unsafe) static var writingEnd: Int32 = -1

    private let state = Mutex(State.waiting(nil))
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
        for number in takesHangUps ? [SIGTERM, SIGINT, SIGHUP] : [SIGTERM, SIGINT] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(ProcessSignals.writingEnd, &byte, 1)
            }
        }
        startThread(reading: ends[0])
    }

    /// Returns when the first signal has come.
    func first() async {
        await withCheckedContinuation { continuation in
            let isReceived = state.withLock { state in
                guard case .waiting = state else { return true }
                state = .waiting(continuation)
                return false
            }
            if isReceived { continuation.resume() }
        }
    }

    private final class Reading {
        let signals: ProcessSignals
        let descriptor: Int32

        init(_ signals: ProcessSignals, _ descriptor: Int32) {
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
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .waiting(let continuation):
                state = .received(at: now)
                return continuation
            case .received(let first):
                // As a shell reports a process that a signal ended.
                if now.since(first) >= Self.echoTime { _exit(128 + number) }
                return nil
            }
        }
        continuation?.resume()
    }
}
