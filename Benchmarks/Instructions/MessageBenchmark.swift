import Gateway
import Primitives
import SimulationSupport

/// Players who send their state and get it back, for a tool that counts instructions (Benchmarks/instructions).
///
/// All of it runs in one process and in virtual time, so the count is the same on a busy machine as on an idle one, but
/// for what depends on random keys. What the kernel does is not in it.
@main struct MessageBenchmark {
    private let world: SimulatedWorld
    private var browsers: [SimulatedBrowser] = []

    /// V-Sekai's state is larger, voice smaller.
    private static let size = 100
    private static let stream: UInt16 = 0

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().map { Int($0) }
        guard arguments.count == 2, let players = arguments[0], let rounds = arguments[1], players > 0, rounds > 0
        else {
            fatalError("usage: BenchmarkMessage PLAYERS ROUNDS")
        }
        var benchmark = try MessageBenchmark(players: players)
        // A second, so that windows have grown and what is made once is made.
        benchmark.play(rounds: 20)
        let before = benchmark.carried
        benchmark.measured(rounds: rounds)
        print("\(benchmark.carried - before) messages carried")
    }

    private init(players: Int) throws {
        world = try SimulatedWorld(seed: 1)
        for _ in 0..<players {
            let browser = try world.makeBrowser(channels: [
                .init(Self.stream, label: "0", ordered: false, limit: .retransmissions(0))
            ])
            guard world.play([try world.join(browser, route: "plain").session]) else {
                fatalError("A player did not come in.")
            }
            browsers.append(browser)
        }
    }

    /// Messages of both directions.
    private var carried: UInt64 {
        world.metrics.routes.reduce(0) { sum, route in
            sum + route.counters.carried.messagesToServer + route.counters.carried.messagesToBrowser
        }
    }

    /// What is counted: the tool looks for the name.
    @inline(never)
    private mutating func measured(rounds: Int) {
        play(rounds: rounds)
    }

    /// Each player 20 times a second, one after the other.
    private mutating func play(rounds: Int) {
        let pause = Milliseconds(nanoseconds: 50_000_000 / UInt64(browsers.count))
        let message = [UInt8](repeating: 7, count: Self.size)
        for _ in 0..<rounds {
            for browser in browsers {
                browser.send(message, stream: Self.stream, unordered: true, reliability: .retransmissions(0))
                world.run(for: pause)
            }
        }
        world.forgetThePast()
    }
}
