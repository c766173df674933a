import CUSRSCTP

extension SCTPAssociation {
    /// DATA chunks of unreliable messages that were sent and then given up, because they were not acknowledged in the time
    /// or the attempts they had (RFC 7496 §4.4, abandoned_sent); nil when the association is not there.
    public var abandonedChunks: UInt64? {
        guard let socket else { return nil }
        var status = sctp_prstatus()
        status.sprstat_policy = UInt16(TORII_SCTP_PR_SCTP_ALL)
        return get(socket, SCTP_PR_ASSOC_STATUS, &status) ? status.sprstat_abandoned_sent : nil
    }
}
