import Primitives
import SimulationSupport

@testable import SCTP

/// Two associations joined by a wire with delay and seeded loss, in virtual time.
final class SCTPPair {
    struct Message: Equatable {
        var stream: UInt16
        var identifier: UInt32
        var isUnordered: Bool
        var payload: [UInt8]
    }

    struct End {
        var association: SCTPAssociation
        var messages: [Message] = []
        var events: [String] = []
        var ended: SCTPEndReason?
        var reads = true
    }

    var left: End
    var right: End
    private(set) var now = Instant(nanoseconds: 5_000_000_000)
    /// Of a thousand packets.
    var loss = 0
    /// One way.
    var delay: Milliseconds = 20
    /// Packets from left to right this returns true for are lost.
    var losesFromLeft: (([UInt8]) -> Bool)?
    /// What arrives on the left in place of a packet from the right; nil when it is lost.
    var forgesFromRight: (([UInt8]) -> [UInt8]?)?
    private(set) var packetsFromLeft = 0
    private var random: SeededRandom
    private var wire: [(due: Instant, toRight: Bool, bytes: [UInt8])] = []

    init(
        seed: UInt64 = 1, maximumMessageSize: Int = 262_144, rightConnects: Bool = true, leftConnects: Bool = true
    ) throws {
        random = SeededRandom(seed: seed)
        VirtualTime.set(now)
        left = End(
            association: try SCTPAssociation(
                stack: .shared, localPort: 30_001, remotePort: 30_002, maximumMessageSize: maximumMessageSize))
        right = End(
            association: try SCTPAssociation(
                stack: .shared, localPort: 30_002, remotePort: 30_001, maximumMessageSize: maximumMessageSize))
        SCTPStack.shared.advance(to: now)
        if leftConnects { try left.association.connect() }
        if rightConnects { try right.association.connect() }
    }

    deinit {
        VirtualTime.clear()
    }

    /// Both ends up.
    static func connected(seed: UInt64 = 1, maximumMessageSize: Int = 262_144) throws -> SCTPPair {
        let pair = try SCTPPair(seed: seed, maximumMessageSize: maximumMessageSize)
        pair.run(for: 1_000)
        return pair
    }

    /// Both ends up, by SNAP.
    static func accelerated() throws -> SCTPPair {
        let pair = try SCTPPair(rightConnects: false, leftConnects: false)
        let left = try pair.left.association.makeInit()
        let right = try pair.right.association.makeInit()
        guard pair.left.association.establish(ours: left, peer: right),
            pair.right.association.establish(ours: right, peer: left)
        else { throw SCTPSetupError(call: "SNAP", code: 0) }
        return pair
    }

    func sendLeft(
        _ bytes: [UInt8], stream: UInt16 = 0, identifier: UInt32 = 53, unordered: Bool = false,
        _ reliability: PartialReliability = .reliable
    ) -> SCTPSendResult {
        bytes.withUnsafeBytes {
            left.association.send(
                $0, stream: stream, protocolIdentifier: identifier, unordered: unordered, reliability: reliability)
        }
    }

    func run(for span: Milliseconds, until isDone: () -> Bool = { false }) {
        let end = now + span
        settle()
        while !isDone() {
            let next = [wire.map(\.due).min(), SCTPStack.shared.nextDeadline].compactMap { $0 }.min() ?? end
            guard next <= end else {
                now = end
                return
            }
            now = max(now, next)
            VirtualTime.set(now)
            SCTPStack.shared.advance(to: now)
            let due = wire.filter { $0.due <= now }
            wire.removeAll { $0.due <= now }
            for packet in due {
                let target = packet.toRight ? right.association : left.association
                packet.bytes.withUnsafeBytes { _ = target.receive($0, at: now) }
            }
            settle()
        }
    }

    private func settle() {
        pull(&left)
        pull(&right)
        left.association.flush()
        right.association.flush()
        put(left.association, toRight: true)
        put(right.association, toRight: false)
        SCTPStack.shared.drainTouched { _ in }
    }

    private func put(_ association: SCTPAssociation, toRight: Bool) {
        association.outgoing.forEach { packet in
            var bytes = Array(packet)
            if toRight {
                packetsFromLeft += 1
                if losesFromLeft?(bytes) == true { return }
            } else if let forgesFromRight {
                guard let forged = forgesFromRight(bytes) else { return }
                bytes = forged
            }
            guard !random.chance(perMille: loss) else { return }
            wire.append((now + delay, toRight, bytes))
        }
        association.outgoing.removeAll()
    }

    private func pull(_ end: inout End) {
        while end.reads, let event = end.association.nextEvent() {
            switch event {
            case .established(let inbound, let outbound): end.events.append("established \(inbound) \(outbound)")
            case .message(let message):
                end.messages.append(
                    Message(
                        stream: message.stream, identifier: message.protocolIdentifier,
                        isUnordered: message.isUnordered, payload: Array(message.payload)))
            case .incomingStreamsReset(let streams): end.events.append("incoming reset \(streams)")
            case .outgoingStreamsReset(let streams): end.events.append("outgoing reset \(streams)")
            case .ended(let reason):
                end.ended = reason
                end.events.append("ended")
            }
        }
    }
}
