import CENet
import Primitives

// When a server is pinged, which libenet would do after a fixed time without an acknowledgement.
extension ClientConfiguration {
    /// When the next ping is due; nil while none is to be sent.
    ///
    /// A server of libenet pings us twice a second and is answered: both sides know that the other lives, and pings of
    /// ours would say nothing new but the round-trip time. They go out as often as `pingInterval` where the server has
    /// said nothing for that long, or we have not.
    func nextPing(of peer: PeerPointer, lastHeard: Instant, on clock: HostClock) -> Instant? {
        // A command in flight asks as much as a ping would.
        guard peer.state == ENET_PEER_STATE_CONNECTED, peer.pointee.sentReliableCommands.isEmpty else { return nil }
        let lastAcknowledged = clock.instant(of: peer.pointee.lastReceiveTime)
        let lastSent = clock.instant(of: peer.pointee.lastSendTime)
        let silent = max(lastAcknowledged, min(lastHeard, lastSent)) + pingInterval
        return min(silent, lastAcknowledged + max(roundTripInterval, pingInterval))
    }
}

extension PeerPointer {
    /// Has libenet ping with its next service, if nothing else is in flight, or not.
    func ping(_ isDue: Bool) {
        pointee.pingInterval = isDue ? 1 : .max / 2
    }
}
