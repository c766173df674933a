import Foundation
import Gateway
import Primitives
import SDP
import SimulationSupport
import Testing

/// Random players on random networks that come to random ends, each from a seed.
///
/// `TORII_SEEDS=n` runs the first n seeds, `TORII_SEED=n` runs seed n alone. What a seed fixes is the network and the
/// players; keys, verification tags and initial TSNs stay random.
@Suite(.onTheSCTPStack) struct RandomPlayTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["TORII_SEED"].flatMap(UInt64.init) { return [seed] }
        return Array(1...(environment["TORII_SEEDS"].flatMap(UInt64.init) ?? 200))
    }()

    @Test func everySeedKeepsTheInvariants() throws {
        var failed: [UInt64] = []
        for seed in Self.seeds {
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
