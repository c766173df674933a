import Primitives

/// What a bot thinks: it wanders along its own curve, chats now and then, greets web players by name and answers with a
/// ripple when one comes close. Fed with messages and a time; the same seed thinks the same.
public struct BotMind: Sendable {
    // Our choice.
    static let step: Milliseconds = 33
    static let closeness: Float = 90
    static let rippleRest: Milliseconds = 3000
    static let maximumGreetings = 4
    static let maximumKnownPlayers = 256

    private static let remarks = [
        "What a fine day to be a datagram.", "I like it here.", "Ripples are reliable: each one arrives.",
        "I speak plain ENet. You?", "Round and round I go.", "Come closer, I do not bite.",
        "No head-of-line blocking today.", "Open a second tab and wave at yourself.",
    ]
    private static let greetings = ["Hello NAME, good to see you!", "Welcome, NAME!", "Hi NAME, come and play!"]

    private struct Greeting {
        let due: Instant
        let text: String
    }

    private var random: SplitMix64
    private let start: Instant
    private let curve: Curve
    private var ownID: UInt16?
    private var webPlayers: Set<UInt16> = []
    private var position: Position
    private var isWebPlayerClose = false
    private var greetings: [Greeting] = []
    private var nextStep: Instant
    private var nextRemark: Instant
    private var nextRipple: Instant

    public init(seed: UInt64, at now: Instant) {
        random = SplitMix64(state: seed)
        start = now
        curve = Curve(random: &random)
        position = curve.position(after: 0)
        nextStep = now
        nextRipple = now
        nextRemark = now + Milliseconds(UInt64.random(in: 6000...15_000, using: &random))
    }

    /// When `advance` next has something to say.
    public var nextDeadline: Instant {
        guard ownID != nil else { return nextStep }
        return greetings.map(\.due).reduce(min(nextStep, nextRemark)) { min($0, $1) }
    }

    public mutating func receive(_ message: ServerMessage, at now: Instant) {
        switch message {
        case .welcome(let id): ownID = id
        case .joined(let id, .web, _, let name): meet(id, name, at: now)
        case .left(let id): webPlayers.remove(id)
        case .snapshot(_, let players):
            isWebPlayerClose = players.contains {
                webPlayers.contains($0.id) && $0.position.distance(to: position) < Self.closeness
            }
        case .joined, .chat, .ripple, .pong: return
        }
    }

    /// What to say now.
    public mutating func advance(to now: Instant) -> [ClientMessage] {
        guard ownID != nil else {
            nextStep = now + Self.step
            return []
        }
        var messages: [ClientMessage] = []
        if nextStep <= now {
            nextStep = now + Self.step
            position = curve.position(after: Double(now.since(start).nanoseconds) / 1e9)
            messages.append(.position(position))
        }
        for greeting in greetings where greeting.due <= now { messages.append(.chat(greeting.text)) }
        greetings.removeAll { $0.due <= now }
        if nextRemark <= now {
            nextRemark = now + Milliseconds(UInt64.random(in: 20_000...45_000, using: &random))
            messages += Self.remarks.randomElement(using: &random).map { [.chat($0)] } ?? []
        }
        if isWebPlayerClose, nextRipple <= now {
            nextRipple = now + Self.rippleRest
            messages.append(.ripple)
        }
        return messages
    }

    private mutating func meet(_ id: UInt16, _ name: String, at now: Instant) {
        guard id != ownID, webPlayers.count < Self.maximumKnownPlayers, webPlayers.insert(id).inserted else { return }
        guard greetings.count < Self.maximumGreetings else { return }
        guard let pattern = Self.greetings.randomElement(using: &random) else { return }
        let due = now + Milliseconds(UInt64.random(in: 700...2500, using: &random))
        let text = pattern.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: name)
        greetings.append(Greeting(due: due, text: text))
    }
}

/// A closed, smooth curve through the world: two slow sine waves of unlike periods.
struct Curve: Sendable {
    private let periodX: Double
    private let periodY: Double
    private let phase: Double

    init(random: inout SplitMix64) {
        periodX = Double.random(in: 17...23, using: &random)
        periodY = Double.random(in: 9...14, using: &random)
        phase = Double.random(in: 0...6, using: &random)
    }

    func position(after seconds: Double) -> Position {
        let x = 500 + 400 * Self.sine(seconds / periodX * 2 * .pi + phase)
        let y = 300 + 220 * Self.sine(seconds / periodY * 2 * .pi + 2 * phase)
        return Position(clamping: Float(x), Float(y)) ?? .centre
    }

    /// Bhaskara's approximation, exact to 0.2 %: smooth enough to look at, and the same on every machine.
    private static func sine(_ angle: Double) -> Double {
        let turn = angle.truncatingRemainder(dividingBy: 2 * .pi)
        let half = turn < 0 ? turn + 2 * .pi : turn
        let (sign, a) = half < .pi ? (1.0, half) : (-1.0, half - .pi)
        let product = a * (.pi - a)
        return sign * 16 * product / (5 * .pi * .pi - 4 * product)
    }
}

/// SplitMix64: small, seeded, good enough for a bot.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
