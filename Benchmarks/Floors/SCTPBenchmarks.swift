import Primitives
import SCTP
import SimulationSupport

enum SCTPBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "sctp.send",
            meaning: "an unreliable message of 100 bytes made a packet, and its acknowledgement taken"
        ) {
            let pair = try SCTPPair(firstPort: 30_000)
            return {
                pair.step()
                counted { pair.send() }
                pair.deliver()
                counted { pair.takeAcknowledgements() }
            }
        },
        MicroBenchmark(
            name: "sctp.receive", meaning: "such a packet taken, its message read, and acknowledged"
        ) {
            let pair = try SCTPPair(firstPort: 30_000)
            return {
                pair.step()
                pair.send()
                counted { pair.deliver() }
                pair.takeAcknowledgements()
            }
        },
        MicroBenchmark(
            name: "sctp.tick", meaning: "a tick of the stack's timers, for each association, which all say nothing",
            rounds: 50, parts: 100
        ) {
            let pairs = try (0..<50).map { try SCTPPair(firstPort: 30_000 + 2 * $0) }
            var now = SCTPPair.start
            // What a handshake has left to do is done.
            for _ in 0..<100 {
                now = now + 10
                VirtualTime.set(now)
                SCTPStack.shared.advance(to: now)
                for pair in pairs { pair.exchange() }
            }
            return {
                now = now + 10
                VirtualTime.set(now)
                counted { SCTPStack.shared.advance(to: now) }
                expect(pairs.allSatisfy { $0.isQuiet }, "An association has spoken.")
            }
        },
    ]
}

/// Two associations without anything between them. Time moves by a millisecond for each message; nobody looks at timers.
final class SCTPPair {
    static let start = Instant(nanoseconds: 5_000_000_000)
    private let left: SCTPAssociation
    private let right: SCTPAssociation
    private var now = start
    private var received = 0

    init(firstPort: UInt16) throws(SCTPSetupError) {
        VirtualTime.set(now)
        left = try SCTPAssociation(
            stack: .shared, localPort: firstPort, remotePort: firstPort + 1, maximumMessageSize: 1 << 18)
        right = try SCTPAssociation(
            stack: .shared, localPort: firstPort + 1, remotePort: firstPort, maximumMessageSize: 1 << 18)
        SCTPStack.shared.advance(to: now)
        try left.connect()
        try right.connect()
        exchange()
        expect(left.outboundStreams > 0 && right.outboundStreams > 0, "The association did not come up.")
    }

    var isQuiet: Bool { left.outgoing.isEmpty && right.outgoing.isEmpty }

    func step() {
        now = now + 1
        VirtualTime.set(now)
    }

    func exchange() {
        while !isQuiet {
            deliver()
            takeAcknowledgements()
        }
    }

    func send() {
        let result = message.withUnsafeBytes {
            left.send(
                $0, stream: 0, protocolIdentifier: 53, unordered: true, reliability: .retransmissions(0))
        }
        expect(result == .accepted, "The message was not taken.")
        left.flush()
    }

    func deliver() {
        let before = received
        left.outgoing.forEach { right.receive($0, at: now) }
        left.outgoing.removeAll()
        while let event = right.nextEvent() {
            if case .message = event { received += 1 }
        }
        right.flush()
        expect(received <= before + 1, "More than one message came.")
    }

    func takeAcknowledgements() {
        right.outgoing.forEach { left.receive($0, at: now) }
        right.outgoing.removeAll()
        while left.nextEvent() != nil {}
        left.flush()
        SCTPStack.shared.drainTouched { _ in }
    }
}
