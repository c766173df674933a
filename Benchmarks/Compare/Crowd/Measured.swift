import Foundation
import Primitives

/// What was measured in one window, as a line of JSON. Times are milliseconds unless the name says otherwise.
struct Measured: Encodable {
    /// Percentiles; nil where there was nothing.
    struct Times: Encodable {
        let count: Int
        let p50: Double
        let p95: Double
        let p99: Double
        let most: Double

        init?(_ times: [Milliseconds]) {
            let sorted = times.map(\.nanoseconds).sorted()
            guard let last = sorted.last else { return nil }
            func percentile(_ percent: Int) -> Double {
                Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1_000_000
            }
            count = sorted.count
            (p50, p95, p99, most) = (percentile(50), percentile(95), percentile(99), Double(last) / 1_000_000)
        }
    }

    var players = 0
    var seconds = 0.0
    /// Processor seconds of the process under test.
    var processor = 0.0
    /// Processor seconds of this one.
    var generator = 0.0
    /// Resident bytes of the process under test: before anybody came, and now.
    var residentBefore = 0
    var resident = 0
    /// Players who ended though nobody asked them to.
    var ended = 0

    /// Messages sent, and those of them that came back; of a broadcast, those that came.
    var sent = 0
    var arrived = 0
    /// From sending to coming back; of a broadcast, from the server to the player.
    var trip: Times?
    /// Of that, what is not the player's own work: from the datagram's leaving until the player learnt of one that came.
    var way: Times?
    /// By how much messages left later than they should.
    var lateness: Times?
    /// Bytes that came back.
    var bytes = 0

    var joins = 0
    var failures = 0
    /// From the offer's sending until the channel was open, and from the answer's coming on.
    var join: Times?
    var connect: Times?

    /// Why the figures tell of this program, too; nil where they do not.
    var bottleneck: String?

    /// Our choice: more of a processor than this leaves no time to be punctual.
    private static let mostShare = 0.85
    private static let mostLateness = 2.0

    mutating func judge() {
        let share = seconds > 0 ? generator / seconds : 0
        if share > Self.mostShare {
            bottleneck = "The generator is the bottleneck: it used \(Int(share * 100)) % of a processor."
        } else if let lateness, lateness.p95 > Self.mostLateness {
            bottleneck = "The generator had to wait for a processor: one message in twenty left over 2 ms late."
        }
    }

    func write() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        FileHandle.standardOutput.write(try encoder.encode(self) + Data("\n".utf8))
    }
}
