import Foundation
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// Random players on random networks that come to random ends, each from a seed.
///
/// `TORII_SEED=n` runs seed n alone, `TORII_SEEDS=a-b` those from a to b; `Tests/Simulation/run` plays as many as one
/// likes on all cores. What a seed fixes is the network and the
/// players; keys, verification tags and initial TSNs stay random.
@Suite(.onTheSCTPStack) struct RandomPlayTests {
    static let seeds: ClosedRange<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        guard let text = environment["TORII_SEED"] ?? environment["TORII_SEEDS"] else { return 1...1000 }
        let bounds = text.split(separator: "-", maxSplits: 1).map { UInt64($0) }
        guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last else {
            preconditionFailure("TORII_SEEDS is a number or a range like 1-5000, not \(text).")
        }
        return first...last
    }()

    @Test func everySeedKeepsTheInvariants() async throws {
        var failed: [UInt64] = []
        for seed in Self.seeds {
            // Other tests have deadlines to keep, and as few threads as there are cores.
            await Task.yield()
            let play = try RandomPlay(seed: seed)
            let complaints = play.run()
            if !complaints.isEmpty {
                failed.append(seed)
                Issue.record("seed \(seed) (\(play.description)): \(complaints.joined(separator: "; "))")
            }
        }
        #expect(failed.isEmpty, "replay one with TORII_SEED=\(failed.first ?? 0)")
    }
}
