import ENet
import Gateway
import Primitives
import SimulationSupport

/// Round trips of game state, by the gateway and by ENet alone, over the same simulated way in virtual time: what
/// queues, acknowledgements and repetitions add, without what processors and kernels do. Benchmarks/quality.md says
/// what was measured.
@main enum QualityBenchmark {
    static func main() throws {
        let players = 100
        print("| \(players) players, 20 Hz, 50 ms each way, 1 % loss | p50 ms | p95 ms | p99 ms | arrived % |")
        print("|---|---|---|---|---|")
        for kind in Kind.allCases {
            var direct = try DirectWorld(players: players, link: rough).play(kind)
            var gateway = try GatewayWorld(players: players, link: rough).play(kind)
            print("| \(kind.rawValue), ENet alone | \(direct.row) |")
            print("| \(kind.rawValue), through the gateway | \(gateway.row) |")
            let ratio = Double(gateway.percentile(95)) / Double(direct.percentile(95))
            print("| *ratio of the p95* | | \(hundredths(ratio)) | | |")
        }
        print("")
        print("| one player's unreliable state, 20 Hz, 50 ms each way | p50 ms | p95 ms | p99 ms | arrived % |")
        print("|---|---|---|---|---|")
        for transfer in Transfer.allCases {
            let world = try GatewayWorld(players: 1, link: LinkConditions(delay: 50))
            var trips = world.play(.unreliable, beside: transfer)
            let rate = Double(world.transferredBytes) * 8 / world.seconds / 1_000_000
            print("| \(transfer.rawValue), \(hundredths(rate)) Mbit/s | \(trips.row) |")
        }
    }

    private static var rough: LinkConditions {
        var link = LinkConditions(delay: 50)
        link.loss = 10
        return link
    }

    static func hundredths(_ value: Double) -> String {
        let whole = Int((value * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }
}

/// How the state is sent.
enum Kind: String, CaseIterable {
    case unreliable
    case reliable
    /// What Godot's page makes of an unreliable ordered packet: a reliable SCTP message.
    case godot = "Godot's unreliable ordered"

    var delivery: Delivery {
        switch self {
        case .unreliable: .unsequenced
        case .reliable: .reliable
        case .godot: .unreliableSequenced
        }
    }
}

/// What goes on beside it: messages of 16 KiB on a reliable channel.
enum Transfer: String, CaseIterable {
    case none = "alone"
    case toServer = "beside a transfer to the server"
    case toBrowser = "beside a transfer to the page"
}

/// What was sent, and how long it took to come back.
struct RoundTrips {
    private var sent = 0
    private var times: [UInt64] = []

    mutating func noteSent() { sent += 1 }

    mutating func note(_ time: Milliseconds) { times.append(time.nanoseconds / 10_000) }

    /// In hundredths of a millisecond.
    mutating func percentile(_ percent: Int) -> UInt64 {
        times.sort()
        return times.isEmpty ? 0 : times[min(times.count - 1, times.count * percent / 100)]
    }

    var row: String {
        mutating get {
            let columns = [50, 95, 99].map { QualityBenchmark.hundredths(Double(percentile($0)) / 100) }
            let arrived = QualityBenchmark.hundredths(Double(times.count) * 100 / Double(max(sent, 1)))
            return (columns + [arrived]).joined(separator: " | ")
        }
    }
}

/// A state message: when it was sent, and filled up to the size of V-Sekai's.
enum State {
    static let size = 200

    static func message(at now: Instant) -> [UInt8] {
        withUnsafeBytes(of: now.nanoseconds.littleEndian) { Array($0) } + [UInt8](repeating: 7, count: size - 8)
    }

    /// Nil for another message.
    static func sentAt(_ bytes: [UInt8]) -> Instant? {
        guard bytes.count == size else { return nil }
        let nanoseconds = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return Instant(nanoseconds: UInt64(littleEndian: nanoseconds))
    }
}
