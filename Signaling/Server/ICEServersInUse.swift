import Synchronization

/// The STUN and TURN servers that pages are told of now.
public final class ICEServersInUse: Sendable {
    private let servers: Mutex<ICEServers>

    public init(_ servers: ICEServers) {
        self.servers = Mutex(servers)
    }

    /// Answers from now on name the new ones; credentials that were handed out stay what they are.
    public var now: ICEServers {
        get { servers.withLock { $0 } }
        set { servers.withLock { $0 = newValue } }
    }
}
