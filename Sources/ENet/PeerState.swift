// What this module reads from libenet's own peer structure, and the two places where it corrects it.
import CENet

typealias PeerPointer = UnsafeMutablePointer<ENetPeer>

extension PeerPointer {
    var state: ENetPeerState { pointee.state }

    /// libenet has an established connection, perhaps one that ends once its queue is empty.
    var isEstablished: Bool {
        pointee.state == ENET_PEER_STATE_CONNECTED || pointee.state == ENET_PEER_STATE_DISCONNECT_LATER
    }

    /// A peer that has ended but was not yet reported ended by timeout. Every other end throws the queues and channels
    /// away first; a timeout leaves them until it is reported.
    var hasTimedOut: Bool { pointee.state == ENET_PEER_STATE_ZOMBIE && pointee.channels != nil }

    /// A disconnect command that libenet queued while it was sending is left for the next round of sending.
    var hasUnsentDisconnect: Bool {
        pointee.state == ENET_PEER_STATE_DISCONNECTING && !pointee.outgoingCommands.isEmpty
    }

    /// When the oldest reliable command in flight, which is all that libenet looks at, is to be repeated, on libenet's
    /// clock; nil where there is none.
    ///
    /// Acknowledgements and new commands leave with each service or flush; what remains waits for an acknowledgement (the
    /// window is full), so it needs no time of its own.
    var nextRepetition: UInt32? {
        pointee.sentReliableCommands.isEmpty ? nil : pointee.nextTimeout
    }

    /// When libenet next has something to do for this peer without being called for another reason, on its clock: a
    /// repetition, or a ping, `pingInterval` after the last acknowledgement. Only a connected peer pings.
    var nextDue: UInt32? {
        if let nextRepetition { return nextRepetition }
        return pointee.state == ENET_PEER_STATE_CONNECTED ? pointee.lastReceiveTime &+ pointee.pingInterval : nil
    }

    /// The acknowledgement of `kind` that waits to be sent, if one does.
    func queuedAcknowledgement(of kind: ENetProtocolCommand) -> ENetAcknowledgement? {
        var found: ENetAcknowledgement?
        pointee.acknowledgements.forEach(ENetAcknowledgement.self) { acknowledgement in
            let command = UInt32(acknowledgement.pointee.command.header.command) & ENET_PROTOCOL_COMMAND_MASK.rawValue
            if command == kind.rawValue { found = acknowledgement.pointee }
        }
        return found
    }

    /// Sees to it that no lost command waits longer than `limit` milliseconds to be repeated.
    ///
    /// libenet looks at the oldest command in flight only, so it is enough to look when that one waits too long.
    func limitRetransmission(to limit: UInt32, at time: UInt32) {
        guard !pointee.sentReliableCommands.isEmpty else { return }
        // A first wait is never cut short.
        let limit = max(limit, pointee.roundTripTime + 4 * pointee.roundTripTimeVariance)
        guard Int32(bitPattern: pointee.nextTimeout &- time) > limit else { return }
        var isOldest = true
        pointee.sentReliableCommands.forEach(ENetOutgoingCommand.self) { command in
            command.pointee.roundTripTimeout = min(command.pointee.roundTripTimeout, limit)
            if isOldest { pointee.nextTimeout = command.pointee.sentTime &+ command.pointee.roundTripTimeout }
            isOldest = false
        }
    }

    /// libenet sets `lastReceiveTime` only when it handles an acknowledgement, and CONNECT is answered by
    /// VERIFY_CONNECT rather than acknowledged.
    var hasAcknowledged: Bool { pointee.lastReceiveTime != 0 }

    /// Asks both sides to send unreliable packets however long the way becomes.
    func disableThrottle() {
        enet_peer_throttle_configure(self, 5000, UInt32(ENET_PEER_PACKET_THROTTLE_SCALE), 0)
    }

    /// libenet keeps half of what it may. The other half is for what is missing and, until the other side stops, for what
    /// comes behind that.
    var isCrowded: Bool {
        guard let host = pointee.host else { return false }
        return pointee.totalWaitingData >= host.pointee.maximumWaitingData / 2
    }

    /// Sets the peer's `totalWaitingData` to what it holds: `held` bytes that were taken from libenet but not yet by
    /// the owner, and the packets in its own incoming queues.
    ///
    /// libenet 1.3.17 does not subtract unreliable packets whose fragments never became complete. Left alone, a lossy
    /// session would reach `maximumWaitingData` and be deaf for good.
    func recountWaitingData(held: Int) {
        var total = held + pointee.dispatchedCommands.waitingData
        if let channels = pointee.channels {
            for channel in UnsafeBufferPointer(start: channels, count: pointee.channelCount) {
                total += channel.incomingReliableCommands.waitingData + channel.incomingUnreliableCommands.waitingData
            }
        }
        pointee.totalWaitingData = total
    }

    /// Sends as if the other side had not stated a bandwidth (0, unlimited), with the largest window.
    func ignoreAdvertisedBandwidth() {
        pointee.windowSize = UInt32(ENET_PROTOCOL_MAXIMUM_WINDOW_SIZE)
        guard pointee.incomingBandwidth != 0, isEstablished else { return }
        pointee.incomingBandwidth = 0
        pointee.packetThrottleLimit = UInt32(ENET_PEER_PACKET_THROTTLE_SCALE)
        if let host = pointee.host, host.pointee.bandwidthLimitedPeers > 0 {
            host.pointee.bandwidthLimitedPeers -= 1
        }
    }
}

extension UnsafeMutablePointer<ENetHost> {
    /// When the host's bandwidth bookkeeping is next due, on libenet's clock: each second while a bandwidth is limited
    /// on either side, once after a peer came or went (it then tells its peers), otherwise never.
    var nextBandwidthDue: UInt32? {
        guard pointee.connectedPeers > 0 else { return nil }
        guard
            pointee.recalculateBandwidthLimits != 0 || pointee.bandwidthLimitedPeers > 0
                || pointee.outgoingBandwidth != 0
        else { return nil }
        return pointee.bandwidthThrottleEpoch &+ UInt32(ENET_HOST_BANDWIDTH_THROTTLE_INTERVAL)
    }
}

extension ENetList {
    /// An empty list's sentinel is its own neighbour; no other node is.
    var isEmpty: Bool {
        guard let first = sentinel.next else { return true }
        return first.pointee.next == first
    }

    /// The bytes of the packets in a list of incoming commands.
    var waitingData: Int {
        var total = 0
        forEach(ENetIncomingCommand.self) { total += $0.pointee.packet?.pointee.dataLength ?? 0 }
        return total
    }

    /// Calls `body` with each element, first to last. Every kind of element begins with its list node.
    func forEach<Element>(_: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Void) {
        guard var node = sentinel.next, let end = node.pointee.previous else { return }
        while node != end {
            guard let next = node.pointee.next else { return }
            body(UnsafeMutableRawPointer(node).assumingMemoryBound(to: Element.self))
            node = next
        }
    }
}
