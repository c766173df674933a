import Synchronization
import TLS

/// The certificate that new connections are answered with now; nil where they are plain HTTP.
public final class TLSInUse: Sendable {
    private let context: Mutex<TLSContext?>

    public init(_ context: TLSContext?) {
        self.context = Mutex(context)
    }

    /// Connections that are there keep what they began with.
    public var now: TLSContext? {
        get { context.withLock { $0 } }
        set { context.withLock { $0 = newValue } }
    }
}
