import CUSRSCTP
import Glibc
import Primitives

// SNAP (draft-hancke-tsvwg-snap): the INITs travel in offer and answer, and the association is up as soon as DTLS is.
//
// usrsctp knows nothing of it. It is asked to connect, and its INIT is taken from its output; then it is handed the
// INIT ACK that the peer would have sent, forged from the peer's INIT, and a COOKIE ACK. That stops both of its timers
// for setting up (T1-init and T1-cookie): nothing is sent again and nothing runs out until there is data.
extension SCTPAssociation {
    /// Starts the association and returns its INIT, which goes into SDP instead of the outgoing packets.
    public func makeInit() throws(SCTPSetupError) -> InitChunk {
        try connect()
        defer { outgoing.removeAll() }
        guard !outgoing.isEmpty,
            let chunk = outgoing.withPacket(0, { InitChunk(parsing: Array($0.dropFirst(PacketHeader.length))) })
        else { throw SCTPSetupError(call: "usrsctp_connect: no INIT came of it", code: 0) }
        return chunk
    }

    /// Brings the association up that sent `ours`, as though its peer had answered in two round trips. False when
    /// usrsctp does not agree; the association is of no use then.
    public func establish(ours: InitChunk, peer: InitChunk) -> Bool {
        guard let socket else { return false }
        let header = PacketHeader(
            sourcePort: remotePort, destinationPort: localPort, verificationTag: ours.initiateTag)
        // usrsctp takes the time between its packets and the forged ones for a round trip, which would leave it with
        // the smallest timeout there is, and the first message on a slow path would be sent twice. What it is not to
        // go below is therefore the initial timeout for these two packets.
        setRetransmissionMinimum(SCTPStack.retransmissionTimeoutInitial)
        for chunk in [peer.acknowledgement(cookie: Self.cookie), CookieAckChunk.serialized] {
            // When does not matter: there is no data in them.
            header.packet(chunk).withUnsafeBytes { _ = receive($0, at: .zero) }
        }
        setRetransmissionMinimum(SCTPStack.retransmissionTimeoutMinimum)
        // The COOKIE ECHO has been answered; nobody else shall see it.
        outgoing.removeAll()
        var status = sctp_status()
        return get(socket, SCTP_STATUS, &status) && status.sstat_state == SCTP_ESTABLISHED
    }

    /// Any will do: it comes back to us, and is not looked at.
    private static let cookie: [UInt8] = [0, 0, 0, 0]

    private func setRetransmissionMinimum(_ milliseconds: UInt32) {
        guard let socket else { return }
        var timeouts = sctp_rtoinfo()
        timeouts.srto_initial = SCTPStack.retransmissionTimeoutInitial
        timeouts.srto_max = SCTPStack.retransmissionTimeoutMaximum
        timeouts.srto_min = milliseconds
        usrsctp_setsockopt(
            socket, sctpLevel, SCTP_RTOINFO, &timeouts, socklen_t(MemoryLayout<sctp_rtoinfo>.size))
    }
}
