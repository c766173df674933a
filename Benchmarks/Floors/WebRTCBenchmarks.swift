import DTLS
import Primitives
import SCTP
import STUN
import SimulationSupport
import WebRTC

enum WebRTCBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "webrtc.send",
            meaning: "an unreliable message of 100 bytes made a datagram, and its acknowledgement taken"
        ) {
            let pair = try PeerPair()
            return {
                pair.step()
                counted { pair.send() }
                pair.carry(.toBrowser)
                counted { pair.carry(.toGateway) }
            }
        },
        MicroBenchmark(name: "webrtc.receive", meaning: "such a datagram taken, its message read, and acknowledged") {
            let pair = try PeerPair()
            return {
                pair.step()
                pair.send()
                counted { pair.carry(.toBrowser) }
                pair.carry(.toGateway)
            }
        },
    ]
}

/// Two connections, of which the one counts as the browser's.
private final class PeerPair {
    enum Way { case toBrowser, toGateway }

    private static let now = Instant(nanoseconds: 5_000_000_000)
    private let gateway: PeerConnection
    private let browser: PeerConnection
    private let contexts: (gateway: DTLSContext, browser: DTLSContext)
    private var now = PeerPair.now
    private var fromGateway = PeerConnection.Outbox()
    private var fromBrowser = PeerConnection.Outbox()
    private var received = 0

    init() throws {
        VirtualTime.set(now)
        contexts = try (DTLSPair.makeContext(), DTLSPair.makeContext())
        gateway = Self.make(contexts.gateway, .server, for: contexts.browser, ports: (30_000, 30_001))
        browser = Self.make(contexts.browser, .client, for: contexts.gateway, ports: (30_001, 30_000))
        SCTPStack.shared.advance(to: now)
        try check(gateway)
        try check(browser)
        for _ in 0..<10 {
            settle(browser, &fromBrowser)
            carry(.toGateway)
            carry(.toBrowser)
        }
        expect(gateway.phase == .open && browser.phase == .open, "The connection did not open.")
    }

    private static func make(
        _ context: DTLSContext, _ role: DTLSConnection.Role, for other: DTLSContext, ports: (UInt16, UInt16)
    ) -> PeerConnection {
        PeerConnection(
            parameters: PeerParameters(
                localUfrag: "torii123", localPassword: STUNBenchmarks.password,
                fingerprints: [other.certificate.fingerprint], role: role, localPort: ports.0, remotePort: ports.1,
                remoteMaximumMessageSize: 1 << 18, localMaximumMessageSize: 1 << 18),
            context: context, stack: .shared, at: now)
    }

    /// Both take a check, or data would have nowhere to go.
    private func check(_ connection: PeerConnection) throws {
        var outbox = PeerConnection.Outbox()
        try STUNBenchmarks.check.withUnsafeBytes { bytes in
            let check = try STUNMessage(parsing: bytes)
            _ = connection.receive(check: check, from: .udp(STUNBenchmarks.browser), at: now, into: &outbox)
        }
    }

    func step() {
        now = now + 1
        VirtualTime.set(now)
    }

    func send() {
        let result = message.withUnsafeBytes {
            gateway.send($0, stream: 0, unordered: true, reliability: .retransmissions(0))
        }
        expect(result == .accepted, "The message was not taken.")
        settle(gateway, &fromGateway)
    }

    func carry(_ way: Way) {
        switch way {
        case .toBrowser: carry(&fromGateway, to: browser, &fromBrowser)
        case .toGateway: carry(&fromBrowser, to: gateway, &fromGateway)
        }
    }

    private func carry(
        _ datagrams: inout PeerConnection.Outbox, to connection: PeerConnection, _ answers: inout PeerConnection.Outbox
    ) {
        datagrams.forEach { datagram, _ in
            let drop = connection.receive(dtlsDatagram: datagram, at: now)
            expect(drop == nil, "A datagram was dropped.")
        }
        datagrams.removeAll()
        while let event = connection.nextEvent() {
            if case .message = event { received += 1 }
        }
        settle(connection, &answers)
    }

    private func settle(_ connection: PeerConnection, _ outbox: inout PeerConnection.Outbox) {
        connection.settle(into: &outbox)
        SCTPStack.shared.drainTouched { _ in }
    }
}
