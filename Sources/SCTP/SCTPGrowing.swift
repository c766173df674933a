import CUSRSCTP
import Glibc
import Primitives

// Giving usrsctp streams as they come into use (StreamGrowth.swift says why).
//
// usrsctp does as RFC 6525 says: it adds incoming streams when the peer asks for that (§5.2.5), and outgoing ones when
// the peer has answered its own request (§5.1.5). The peer's part is played here: its request is made, its answer given,
// and nothing of either gets to it. Both count as requests, so that all later ones have other numbers for usrsctp than
// for the peer (ResetRequests.swift, OwnRequests.swift).
//
// Left out: peers without RE-CONFIG, which a browser must have (RFC 8831 §6.7). They have the streams that everybody
// begins with, and are told of an invalid stream above.
extension SCTPAssociation {
    /// Sees to it that usrsctp has what a packet from the peer uses. False when it cannot yet: it must not have the
    /// packet then, because it would acknowledge and forget a message on a stream it does not have.
    func growInbound(for stream: UInt16) -> Bool {
        guard let count = growth.inboundCount(for: stream), let status else { return true }
        guard !Self.statesBeforeUp.contains(status.sstat_state) else { return false }
        let requests = resetRequests
        guard let number = resetRequests.insert() else { return true }
        allowAddedStreams(true)
        input(AddStreams.request(number: number, count: count - growth.inbound))
        allowAddedStreams(false)
        // A request usrsctp did not take must not count, or all of the peer's later ones would have the wrong number.
        if !resetRequests.isInsertedCounted { resetRequests = requests }
        growth.noteInbound(self.status?.sstat_instrms ?? 0)
        // The answer will go out on the same stream, and now is the best time: nothing is queued before it.
        growOutbound(to: growth.outboundCount(for: stream))
        return true
    }

    /// Why a message on a stream has to wait, if usrsctp lacks streams. Usually it has them at once.
    ///
    /// While a reset is under way only streams it lacks have to wait. After that, if a message of several fragments may be
    /// half sent, all do: usrsctp would forget that it is, and send others in between.
    func waitsForStreams(_ stream: UInt16) -> SCTPSendResult? {
        if let count = growth.outboundCount(for: stream) {
            growth.wantedOutbound = max(growth.wantedOutbound ?? 0, count)
        }
        growOutbound(to: growth.wantedOutbound)
        guard growth.wantedOutbound != nil else { return nil }
        guard !resettingStreams.isEmpty else { return .full }
        return stream < growth.outbound ? nil : .streamBusy
    }

    private func growOutbound(to count: UInt16?) {
        guard let count, count > growth.outbound, resettingStreams.isEmpty, let socket, isEstablished, !isHalfSent
        else {
            return
        }
        var addition = sctp_add_streams()
        addition.sas_outstrms = count - growth.outbound
        let size = socklen_t(MemoryLayout<sctp_add_streams>.size)
        guard usrsctp_setsockopt(socket, sctpLevel, SCTP_ADD_STREAMS, &addition, size) == 0 || errno == EALREADY else {
            return growth.noteOutbound(growth.outbound)
        }
        // The request came out of that call; if not, it will when usrsctp repeats it.
        let requests = ownRequests
        guard let number = ownRequests.withhold() else { return }
        input(AddStreams.performed(number: number))
        let given = status?.sstat_outstrms ?? 0
        if given <= growth.outbound { ownRequests = requests }
        growth.noteOutbound(given)
    }

    /// Whether usrsctp may have sent the first fragments of a message and not the last.
    private var isHalfSent: Bool {
        guard mayBeHalfSent else { return false }
        mayBeHalfSent = sendBuffer().map { $0.queued > heldBytes } ?? false
        return mayBeHalfSent
    }

    private static let statesBeforeUp = [SCTP_CLOSED, SCTP_COOKIE_WAIT, SCTP_COOKIE_ECHOED]

    private var status: sctp_status? {
        guard let socket else { return nil }
        var status = sctp_status()
        return get(socket, SCTP_STATUS, &status) ? status : nil
    }

    private func input(_ chunk: [UInt8]) {
        let header = PacketHeader(
            sourcePort: remotePort, destinationPort: localPort, verificationTag: growth.ownTag)
        header.packet(chunk).withUnsafeBytes { input($0) }
    }

    /// The real peer may not have streams added: it would be given 65,535.
    private func allowAddedStreams(_ isAllowed: Bool) {
        guard let socket else { return }
        var allowed = sctp_assoc_value()
        allowed.assoc_value = UInt32(SCTP_ENABLE_RESET_STREAM_REQ)
        if isAllowed { allowed.assoc_value |= UInt32(SCTP_ENABLE_CHANGE_ASSOC_REQ) }
        usrsctp_setsockopt(
            socket, sctpLevel, SCTP_ENABLE_STREAM_RESET, &allowed, socklen_t(MemoryLayout<sctp_assoc_value>.size))
    }
}
