/// What happened on a connection to a game server, in order. The last of a connection is one of `disconnected`,
/// `timedOut`, `compressionMismatch` and `closed`.
public enum ClientEvent {
    /// The server answered CONNECT. Its application may still refuse silently: see `ClientHost.isAccepted`.
    case connected
    case packet(ReceivedPacket)
    /// The server ended the connection, or refused it, with the data word it gave (0 when it gave none).
    case disconnected(data: UInt32)
    case timedOut(ClientTimeout)
    /// The server compresses otherwise than the configuration says, so what is sent would be lost. It has been told
    /// goodbye, if it could be.
    case compressionMismatch(CompressionMismatch)
    /// The disconnect that was asked for is done, acknowledged or not.
    case closed
}

/// Which wait ended without an answer.
public enum ClientTimeout: Sendable, Hashable {
    /// Nothing answered CONNECT: no server there, or it is full.
    case connecting
    /// A reliable command went unacknowledged: the server or the way to it is gone.
    case connected
}

@available(*, unavailable)
extension ClientEvent: Sendable {}
