import Primitives

/// What the process has too little of for one more player. Those who play go on with what they have.
public enum Shortage: CaseIterable, Sendable {
    /// Open files and sockets.
    case descriptors
    case memory
}

extension GatewayCore {
    /// The connection to a session's server cannot be begun, because the process has too little for it. The server is not
    /// to blame.
    public func serverSocketMissing(of slot: SessionSlot, at now: Instant) {
        sessions[slot]?.serverLeft(.gatewayExhausted, at: now)
        touch(slot)
    }
}
