import CUSRSCTP

/// What usrsctp counted for all associations of the process together. Its counters have 32 bits, and begin anew at 0.
public struct SCTPStatistics: Equatable, Sendable {
    public var packetsSent: UInt32 = 0
    public var packetsReceived: UInt32 = 0
    /// DATA chunks (RFC 9260 §3.3.1), each once; those received, too.
    public var chunksSent: UInt32 = 0
    /// DATA chunks sent again.
    public var chunksSentAgain: UInt32 = 0
    public var chunksReceived: UInt32 = 0
    /// DATA chunks that had arrived before.
    public var chunksReceivedAgain: UInt32 = 0
    /// Retransmission timers of DATA chunks that ran out (T3-rtx).
    public var retransmissionTimeouts: UInt32 = 0

    public init() {}
}

extension SCTPStack {
    public var statistics: SCTPStatistics {
        var counted = sctpstat()
        usrsctp_get_stat(&counted)
        var statistics = SCTPStatistics()
        statistics.packetsSent = counted.sctps_sendpackets
        statistics.packetsReceived = counted.sctps_recvpackets
        statistics.chunksSent = counted.sctps_senddata
        statistics.chunksSentAgain = counted.sctps_sendretransdata
        statistics.chunksReceived = counted.sctps_recvdata
        statistics.chunksReceivedAgain = counted.sctps_recvdupdata
        statistics.retransmissionTimeouts = counted.sctps_timodata
        return statistics
    }
}
