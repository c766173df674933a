import JOSE
import Synchronization

/// The token that operators show, and how many wrong ones were shown.
///
/// It has no description, so that it gets into no log.
public final class AdminTokenInUse: Sendable {
    private struct State {
        var token: [UInt8]
        var wrong: UInt64 = 0
    }

    private let state: Mutex<State>

    public init(_ token: [UInt8]) {
        state = Mutex(State(token: token))
    }

    /// From now on only this one is right.
    public func replace(with token: [UInt8]) {
        state.withLock { $0.token = token }
    }

    /// Wrong tokens so far.
    public var wrongCount: UInt64 { state.withLock { $0.wrong } }

    /// Whether this is the token; if not, that is counted.
    func isRight(_ shown: String) -> Bool {
        state.withLock { state in
            // One that is empty would be everybody's.
            let isRight = !state.token.isEmpty && SecretComparison.areSame(Array(shown.utf8), state.token)
            if !isRight { state.wrong &+= 1 }
            return isRight
        }
    }
}
