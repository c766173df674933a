import CENet

extension ClientHost {
    /// The mean part of reliable commands that had to be sent again, in millionths; libenet measures it every 10 s.
    public var lossPerMillion: UInt64 {
        withPeer { UInt64($0.pointee.packetLoss) * 1_000_000 / UInt64(ENET_PEER_PACKET_LOSS_SCALE) }
    }
}
