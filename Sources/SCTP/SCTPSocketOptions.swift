import CUSRSCTP
import Glibc

/// The socket option level of SCTP.
let sctpLevel = Int32(IPPROTO_SCTP)

extension SCTPAssociation {
    /// How full the association's sending side is.
    public struct SendBuffer: Equatable, Sendable {
        /// Bytes not yet acknowledged, whether sent or not.
        public let queued: Int
        /// Bytes that may be in flight at once.
        public let congestionWindow: Int
        /// Bytes the peer still has room for beyond those in flight.
        public let peerWindow: Int
        /// The smoothed round-trip time in milliseconds; 0 before the first measurement.
        public let roundTripTime: Int
    }

    /// Sets what every association wants; called once on a new socket.
    func configureSocket(_ socket: OpaquePointer) throws(SCTPSetupError) {
        guard usrsctp_set_non_blocking(socket, 1) == 0 else {
            throw SCTPSetupError(call: "usrsctp_set_non_blocking", code: errno)
        }
        // Without linger 0 a close would go on sending after the address is gone.
        try set(socket, SOL_SOCKET, SO_LINGER, torii_linger_zero())
        // Nagle costs voice and state up to five times their latency: only batches are bundled, see setBundling.
        try set(socket, sctpLevel, SCTP_NODELAY, Int32(1))
        try set(socket, sctpLevel, SCTP_RECVRCVINFO, Int32(1))
        try set(socket, sctpLevel, SCTP_FRAGMENT_INTERLEAVE, Int32(0))
        // No message is handed over before it is whole: once one was given up halfway through, usrsctp 0.9.5 never
        // again delivers a message of more than one packet.
        try set(socket, sctpLevel, SCTP_PARTIAL_DELIVERY_POINT, SCTPStack.receiveBufferSize / 2)
        let resets = sctp_assoc_value(assoc_id: 0, assoc_value: UInt32(SCTP_ENABLE_RESET_STREAM_REQ))
        try set(socket, sctpLevel, SCTP_ENABLE_STREAM_RESET, resets)
        var streams = sctp_initmsg()
        streams.sinit_num_ostreams = growth.outbound
        // What INIT says we take, and what it can be given at most.
        streams.sinit_max_instreams = growth.offered
        try set(socket, sctpLevel, SCTP_INITMSG, streams)
        for type in [SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT] {
            try set(socket, sctpLevel, SCTP_EVENT, sctp_event(se_assoc_id: 0, se_type: UInt16(type), se_on: 1))
        }
    }

    /// Whether messages wait for others to fill a packet (Nagle's algorithm) or leave at once.
    ///
    /// usrsctp has no call to say "send what you have": the last message of a batch is sent with bundling off, and
    /// takes the rest along.
    func setBundling(_ bundling: Bool) {
        guard let socket, bundling != isBundling else { return }
        isBundling = bundling
        var noDelay: Int32 = bundling ? 0 : 1
        usrsctp_setsockopt(socket, sctpLevel, SCTP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
    }

    func setRank(_ rank: StreamRanks.Rank, of stream: UInt16) {
        guard let socket else { return }
        // It fails only for an association that has just ended.
        try? set(
            socket, sctpLevel, SCTP_SS_VALUE,
            sctp_stream_value(assoc_id: 0, stream_id: stream, stream_value: rank.rawValue))
    }

    /// Fixes the path MTU and turns heartbeats off; usrsctp takes it only once the association exists.
    func limitPacketSize(to peer: sockaddr_conn) throws(SCTPSetupError) {
        guard let socket else { return }
        var parameters = sctp_paddrparams()
        // Without an address of a family it knows usrsctp refuses the whole option.
        withUnsafeMutableBytes(of: &parameters.spp_address) { $0.storeBytes(of: peer, as: sockaddr_conn.self) }
        parameters.spp_flags = UInt32(SPP_PMTUD_DISABLE | SPP_HB_DISABLE)
        // It counts from after the common header.
        parameters.spp_pathmtu = Self.packetSize - Self.commonHeaderSize
        try set(socket, sctpLevel, SCTP_PEER_ADDR_PARAMS, parameters)
    }

    /// RFC 9260 §3.1.
    private static let commonHeaderSize: UInt32 = 12

    /// How full the sending side is; nil when the association is not established.
    public func sendBuffer() -> SendBuffer? {
        guard let socket else { return nil }
        var usage = torii_sctp_sockstat()
        var status = sctp_status()
        guard get(socket, Int32(TORII_SCTP_GET_SNDBUF_USE), &usage), get(socket, SCTP_STATUS, &status) else {
            return nil
        }
        return SendBuffer(
            queued: Int(usage.send_buffer_bytes) + heldBytes, congestionWindow: Int(status.sstat_primary.spinfo_cwnd),
            peerWindow: Int(status.sstat_rwnd), roundTripTime: Int(status.sstat_primary.spinfo_srtt))
    }

    func get<Value: BitwiseCopyable>(_ socket: OpaquePointer, _ option: Int32, _ value: inout Value) -> Bool {
        var size = socklen_t(MemoryLayout<Value>.size)
        return usrsctp_getsockopt(socket, sctpLevel, option, &value, &size) == 0
    }

    private func set<Value: BitwiseCopyable>(
        _ socket: OpaquePointer, _ level: Int32, _ option: Int32, _ value: Value
    ) throws(SCTPSetupError) {
        var value = value
        let result = usrsctp_setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Value>.size))
        guard result == 0 else { throw SCTPSetupError(call: "usrsctp_setsockopt(\(option))", code: errno) }
    }
}

extension sctp_sendv_spa {
    mutating func setReliability(_ reliability: PartialReliability) {
        switch reliability {
        case .reliable:
            return
        case .retransmissions(let limit):
            sendv_prinfo.pr_policy = UInt16(SCTP_PR_SCTP_RTX)
            sendv_prinfo.pr_value = limit
        case .lifetime(let milliseconds):
            sendv_prinfo.pr_policy = UInt16(SCTP_PR_SCTP_TTL)
            sendv_prinfo.pr_value = milliseconds
        }
        sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
    }
}
