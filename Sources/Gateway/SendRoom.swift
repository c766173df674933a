import SCTP

/// How much SCTP may be handed before its state is asked for again.
///
/// What waits inside SCTP can no longer be dropped as stale. But a congestion window only grows while it is full (RFC
/// 9260 §7.2.1), and acknowledgements come several at a time, so reliable messages, which are never stale, may wait there
/// behind it. There streams with unreliable messages go first (`StreamRanks`): these wait for the rest of the message that
/// is being sent, not for all that wait.
struct SendRoom {
    // Our choice.
    /// Bytes beyond the congestion window that may wait, of any kind.
    private static let leastExcess = 4 * 1024
    /// Of reliable messages, as much as the window itself, but no more than this.
    private static let largestExcess = 64 * 1024
    /// Bytes of unreliable messages that may wait beside them: two ticks of a busy game.
    private static let overtakingLimit = 16 * 1024
    /// Bytes a DATA chunk adds (RFC 9260 §3.3.1).
    private static let chunkOverhead = 16

    /// Bytes of any kind, and of reliable messages, until SCTP has enough.
    private var room = 0
    private var reliableRoom = 0
    /// Bytes of unreliable messages that may be handed over although there is no room.
    private var overtaking = 0
    /// Bytes SCTP holds, as far as is known.
    private var held = 0

    func allows(isReliable: Bool) -> Bool {
        isReliable ? reliableRoom > 0 : room > 0 || overtaking > 0
    }

    mutating func take(_ count: Int, isReliable: Bool) {
        let bytes = count + Self.chunkOverhead
        if !isReliable, room <= 0 { overtaking -= bytes }
        room -= bytes
        reliableRoom -= bytes
        held += bytes
    }

    mutating func refresh(_ buffer: SCTPAssociation.SendBuffer) {
        // With nothing in flight one message may always go: a closed receive window is probed with it.
        guard buffer.queued > 0 else {
            self = SendRoom()
            room = max(buffer.congestionWindow, 1)
            reliableRoom = room
            overtaking = Self.overtakingLimit
            return
        }
        let excess = min(max(buffer.congestionWindow, Self.leastExcess), Self.largestExcess)
        let left = buffer.congestionWindow - buffer.queued
        room = min(left + Self.leastExcess, buffer.peerWindow)
        reliableRoom = min(left + excess, buffer.peerWindow)
        // As much as was acknowledged has gone out, and what overtakes went first.
        overtaking = min(overtaking + max(held - buffer.queued, 0), Self.overtakingLimit, buffer.peerWindow)
        held = buffer.queued
    }
}
