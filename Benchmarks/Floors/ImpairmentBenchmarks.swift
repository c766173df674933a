import Impairment
import Primitives

enum ImpairmentBenchmarks {
    static let all = [
        MicroBenchmark(name: "impairment.datagram", meaning: "a datagram of 100 bytes held for 20 ms and given on") {
            guard let impairment = Impairment(lossPercent: 0, delay: 20) else {
                preconditionFailure("Nobody may be 20 ms late.")
            }
            var direction = ImpairedDirection(impairment, seed: 1)
            var now = Instant(nanoseconds: 1)
            return {
                now = now + 30
                counted {
                    message.withUnsafeBytes { direction.take($0, on: .udp(STUNBenchmarks.browser), at: now) }
                    direction.release(at: now + 30) { _, _ in nil }
                }
                expect(direction.isEmpty, "The datagram was kept.")
            }
        }
    ]
}
