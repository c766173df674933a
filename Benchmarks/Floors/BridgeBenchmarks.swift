import Bridge
import DataChannels
import Primitives

enum BridgeBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "bridge.queue", meaning: "an unreliable message put into the browser's queue and given to SCTP"
        ) {
            var queue = BrowserQueue(isPaced: false)
            var now = Instant(nanoseconds: 1_000_000_000)
            let destination = BrowserDestination(stream: 0, isUnordered: true, reliability: .retransmissions(0))
            var sent = 0
            return {
                now = now + 1
                let before = sent
                counted {
                    _ = message.withUnsafeBytes { queue.append($0, to: destination, at: now) }
                    queue.drain(at: now) { _, _ in
                        sent += 1
                        return .accepted
                    }
                }
                expect(sent == before + 1, "The message was not sent.")
            }
        },
        MicroBenchmark(
            name: "bridge.map", meaning: "a message's and a packet's way found among 4 channels with labels"
        ) {
            var table = DataChannelTable(limit: 16, peersParity: .even)
            var map = ChannelMap(.channels)
            for stream in [0, 2, 4, 6] as [UInt16] {
                let reliability = ChannelReliability(isOrdered: false, limit: .retransmissions(0))
                let channel = table.openNegotiated(stream: stream, label: "\(stream / 2)", reliability: reliability)
                if let channel { map.open(channel) }
            }
            return {
                counted {
                    let there = map.destination(fromStream: 4, isUnordered: true)
                    let back = map.destination(fromChannel: 4, delivery: .unsequenced)
                    expect(there?.channel == 4 && back?.stream == 4, "There is no way.")
                }
            }
        },
    ]
}
