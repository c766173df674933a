import ENet
import Primitives

/// How the way to a game server is, as ENet sees it.
struct ServerLeg {
    /// Smoothed.
    let roundTripTime: Milliseconds
    /// The part of reliable commands that had to be sent again, smoothed over tens of seconds, in millionths.
    let lossPerMillion: UInt64
    /// Bytes of messages that ENet has and the server has not acknowledged or, if unreliable, that were not sent yet.
    let queuedBytes: Int
}

extension ClientHost {
    var leg: ServerLeg? {
        ServerLeg(
            roundTripTime: roundTripTime, lossPerMillion: lossPerMillion,
            queuedBytes: queuedReliableBytes + queuedUnreliableBytes)
    }
}

extension SecuredServerConnection {
    var leg: ServerLeg? { enet.leg }
}

extension DatagramConnection {
    /// Nothing is known of it.
    var leg: ServerLeg? { nil }
}
