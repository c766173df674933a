import CENet
import Primitives

/// Whether the server took the player, asked again and again from CONNECT on until it has acknowledged something.
///
/// A Godot server that refuses a player answers CONNECT and then forgets the peer without a word (Godot,
/// `enet_multiplayer_peer.cpp`), so only an acknowledgement tells. libenet alone would ask two or three times before a
/// refusal must be called one, too few for a lossy way. Each question is
///
/// * a ping, a command of its own that can be acknowledged by itself, and
/// * the acknowledgement of VERIFY_CONNECT once more. A server that has not heard it ignores pings, and repeats
///   VERIFY_CONNECT less and less often. One that has heard it only learns the round-trip time again.
struct AcceptanceQuestion {
    // Our choice.
    /// How long after CONNECT, and after each question, the server is asked again.
    private static let interval: Milliseconds = 250

    /// The server has acknowledged something sent after CONNECT, or sent a packet.
    private(set) var isAnswered = false
    /// When to ask again; nil before CONNECT, and when nobody needs to know any more.
    private(set) var next: Instant?
    /// The acknowledgement of VERIFY_CONNECT, and when libenet made it.
    private var verification: (acknowledgement: ENetAcknowledgement, madeAt: UInt32)?

    /// Begins with the first ping, which goes out with libenet's own acknowledgement of VERIFY_CONNECT.
    ///
    /// To be called before libenet has sent that, for it is taken from the peer's queue.
    mutating func begin(_ peer: PeerPointer, at clock: HostClock) {
        verification = peer.queuedAcknowledgement(of: ENET_PROTOCOL_COMMAND_VERIFY_CONNECT).map { ($0, clock.time) }
        ping(peer, at: clock)
    }

    mutating func askIfDue(_ peer: PeerPointer, at clock: HostClock) {
        guard let next, next <= clock.now else { return }
        if let verification {
            // The server takes its round-trip time from the sent time: it moves on with the server's own clock.
            let sentTime = UInt16(truncatingIfNeeded: verification.acknowledgement.sentTime)
            let elapsed = UInt16(truncatingIfNeeded: clock.time &- verification.madeAt)
            var command = verification.acknowledgement.command
            enet_peer_queue_acknowledgement(peer, &command, sentTime &+ elapsed)
        }
        ping(peer, at: clock)
    }

    mutating func answer() {
        isAnswered = true
        stop()
    }

    mutating func stop() {
        next = nil
        verification = nil
    }

    private mutating func ping(_ peer: PeerPointer, at clock: HostClock) {
        enet_peer_ping(peer)
        next = clock.now + Self.interval
    }
}
