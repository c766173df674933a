import Primitives
import SimulationSupport

/// What a web player is going to do, drawn before it joins.
struct PlayerPlan {
    enum Ending: CaseIterable {
        /// The page closes its connection.
        case close
        /// It asks for the end by HTTP.
        case delete
        /// Nothing is sent any more, as when a machine is switched off.
        case vanish
    }

    let stay: Milliseconds
    let ending: Ending
    let faults: FaultRates
    let isOverTCP: Bool
    let seed: UInt64

    /// Stays from a second to 20 minutes. In a shorter run the longest end with it.
    init(using random: inout SeededRandom) {
        let seconds =
            switch Int.random(in: 0..<100, using: &random) {
            case ..<25: UInt64.random(in: 1...5, using: &random)
            case ..<65: UInt64.random(in: 5...60, using: &random)
            case ..<90: UInt64.random(in: 60...300, using: &random)
            default: UInt64.random(in: 300...1_200, using: &random)
            }
        stay = Milliseconds(seconds * 1_000 + UInt64.random(in: 0..<1_000, using: &random))
        ending =
            switch Int.random(in: 0..<10, using: &random) {
            case ..<6: .close
            case ..<8: .delete
            default: .vanish
            }
        isOverTCP = random.chance(perMille: 100)
        faults =
            switch Int.random(in: 0..<10, using: &random) {
            case ..<6: .none
            case ..<9: .some
            default: .many
            }
        seed = random.next()
    }
}
