import Gateway
import Primitives

/// What crosses, what is dropped, and what waits.
enum TrafficFamilies {
    static let all = [messages, bytes, drops, queued, longest]

    private static let messages = MetricFamily(
        .counter, "torii_messages_total", by: ["route", "direction", "delivery"],
        "Messages that were handed on: to-server to ENet, to-browser to SCTP.")
    private static let bytes = MetricFamily(
        .counter, "torii_message_bytes_total", by: ["route", "direction", "delivery"],
        "Bytes of the messages that were handed on, without any headers.")
    private static let drops = MetricFamily(
        .counter, "torii_drops_total", by: ["route", "reason"],
        "Messages, datagrams and connections that went no further, by reason; those of no session have an empty route.")
    private static let queued = MetricFamily(
        .gauge, "torii_queue_bytes", by: ["route", "queue"], "Bytes of messages that wait, all sessions together.")
    private static let longest = MetricFamily(
        .gauge, "torii_queue_bytes_max", by: ["route", "queue"],
        "Bytes of messages that wait in the session that has most.")

    static func add(_ routes: [RouteMetrics], _ strayDrops: DropCounters, to page: inout Exposition) {
        page.add(messages) { samples in
            each(of: routes) { labels, tally in samples.add(labels, tally.messages) }
        }
        page.add(bytes) { samples in
            each(of: routes) { labels, tally in samples.add(labels, tally.bytes) }
        }
        page.add(drops) { samples in
            let all = [("", strayDrops)] + routes.map { ($0.name, $0.counters.carried.drops) }
            for (route, drops) in all {
                for reason in DropReason.allCases { samples.add([route, reason.label], drops[reason]) }
            }
        }
        page.add(queued) { add(routes, to: &$0, \.bytes) }
        page.add(longest) { add(routes, to: &$0, \.most) }
    }

    private static func each(of routes: [RouteMetrics], _ body: ([String], MessageCounters.Tally) -> Void) {
        for route in routes {
            let carried = route.counters.carried
            for (direction, counters) in [("to-server", carried.toServer), ("to-browser", carried.toBrowser)] {
                body([route.name, direction, "reliable"], counters.reliable)
                body([route.name, direction, "unreliable-sequenced"], counters.unreliableSequenced)
                body([route.name, direction, "unsequenced"], counters.unsequenced)
            }
        }
    }

    private static func add(
        _ routes: [RouteMetrics], to samples: inout Samples, _ depth: KeyPath<QueueDepth, Int>
    ) {
        for route in routes {
            for queue in SessionQueue.allCases {
                samples.add([route.name, queue.rawValue], route.queues[queue]?[keyPath: depth] ?? 0)
            }
        }
    }
}
