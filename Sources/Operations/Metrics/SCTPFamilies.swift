import SCTP

/// The browsers' side as usrsctp counts it, all sessions together.
enum SCTPFamilies {
    static let all = [sent, sentAgain, received, receivedAgain, timeouts]

    private static let sent = MetricFamily(
        .counter, "torii_sctp_chunks_sent_total", "DATA chunks sent to browsers, each counted once.")
    private static let sentAgain = MetricFamily(
        .counter, "torii_sctp_chunks_retransmitted_total",
        "DATA chunks of reliable messages sent to browsers again; beside those sent, the loss on the way there.")
    private static let received = MetricFamily(
        .counter, "torii_sctp_chunks_received_total", "DATA chunks received from browsers, each counted once.")
    private static let receivedAgain = MetricFamily(
        .counter, "torii_sctp_chunks_duplicated_total", "DATA chunks received from browsers that had arrived before.")
    private static let timeouts = MetricFamily(
        .counter, "torii_sctp_retransmission_timeouts_total",
        "Retransmission timers of SCTP that ran out because browsers acknowledged nothing.")

    static func add(_ statistics: SCTPStatistics, to page: inout Exposition) {
        page.add(sent, statistics.chunksSent)
        page.add(sentAgain, statistics.chunksSentAgain)
        page.add(received, statistics.chunksReceived)
        page.add(receivedAgain, statistics.chunksReceivedAgain)
        page.add(timeouts, statistics.retransmissionTimeouts)
    }
}
