import Synchronization
import Testing

/// The one place that keeps tests on `SCTPStack.shared` apart: usrsctp is one per process and must be used from one
/// thread at a time, while Swift Testing runs the suites of all targets at once. Every suite that makes an association,
/// a peer connection or a gateway carries this trait; then each of its tests, whatever its target, runs alone among
/// those that carry it. A time limit does not go with it: it would count the wait for the others.
public struct OneAtATime: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
        testCase == nil ? nil : self
    }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.turn.take()
        do {
            try await function()
        } catch {
            Self.turn.release()
            throw error
        }
        Self.turn.release()
    }

    private static let turn = Turn()
}

extension Trait where Self == OneAtATime {
    /// For tests that use usrsctp.
    public static var onTheSCTPStack: Self { OneAtATime() }
}

/// A lock one may wait for without holding a thread.
private final class Turn: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func take() async {
        await withCheckedContinuation { continuation in
            let isOurs = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isOurs { continuation.resume() }
        }
    }

    func release() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
