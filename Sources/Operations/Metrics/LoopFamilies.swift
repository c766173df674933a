import Gateway

/// The worker: one thread that reads, settles and writes in turns.
enum LoopFamilies {
    static let all = [lag, turns, batches, unsent, connections]

    private static let lag = MetricFamily(
        .histogram, "torii_worker_lag_seconds", by: ["cause"], scale: .nanoseconds,
        "How long what was due waited for the worker: a deadline, a join's request, a batch's first datagram.")
    private static let turns = MetricFamily(
        .histogram, "torii_worker_turn_seconds", scale: .nanoseconds,
        "How long the worker's turns took, from waking up to having written everything.")
    private static let batches = MetricFamily(
        .histogram, "torii_worker_batch_datagrams", by: ["direction"],
        "Datagrams read or written at once; the sum is all of them, servers' included.")
    private static let unsent = MetricFamily(
        .counter, "torii_datagrams_unsent_total", "Datagrams that the kernel did not take, its buffers being full.")
    private static let connections = MetricFamily(
        .gauge, "torii_tcp_connections", "TCP connections of browsers whose UDP is blocked.")

    static func add(_ loop: LoopCounters, to page: inout Exposition) {
        page.add(lag) { samples in
            samples.add(["deadline"], loop.deadlineLag)
            samples.add(["request"], loop.requestLag)
            samples.add(["datagram"], loop.datagramLag)
        }
        page.add(turns) { $0.add([], loop.turns) }
        page.add(batches) { samples in
            samples.add(["received"], loop.received)
            samples.add(["sent"], loop.sent)
        }
        page.add(unsent, loop.unsentDatagrams)
        page.add(connections, loop.tcpConnections)
    }
}
