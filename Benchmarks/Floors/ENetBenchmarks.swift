import ENet
import Primitives
import SimulationSupport

enum ENetBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "enet.send", meaning: "an unreliable packet of 100 bytes queued and made a datagram"
        ) {
            let pair = try ENetPair()
            return {
                pair.step()
                counted { pair.send(.unsequenced) }
                pair.serve()
                pair.take()
            }
        },
        MicroBenchmark(
            name: "enet.receive", meaning: "such a datagram of the server's taken and its packet read"
        ) {
            let pair = try ENetPair()
            return {
                pair.step()
                pair.serve(sending: .unsequenced)
                counted { pair.take() }
            }
        },
        MicroBenchmark(
            name: "enet.send-reliable", meaning: "the same of a reliable packet, and its acknowledgement taken"
        ) {
            let pair = try ENetPair()
            return {
                pair.step()
                counted { pair.send(.reliable) }
                pair.serve()
                counted { pair.take() }
            }
        },
        MicroBenchmark(
            name: "enet.receive-reliable", meaning: "a reliable packet of the server's read and acknowledged"
        ) {
            let pair = try ENetPair()
            return {
                pair.step()
                pair.serve(sending: .reliable)
                counted { pair.take() }
                pair.serve()
            }
        },
    ]
}

/// A client's host, which is counted, and a server's. A datagram arrives at once; 10 ms are between two packets.
private final class ENetPair {
    private let client: ClientHost
    private let server: ServerHost
    private let address = TransportAddress(ipv4: 0xC000_0201, port: 40_000)
    private var peer: PeerID?
    private var now = Instant(nanoseconds: 7_000_000_000)
    private var taken = 0
    private var arrived = 0

    init() throws {
        try SocketLayer.verifyIsInstalled()
        var random = SeededRandom(seed: 1)
        client = ClientHost(configuration: ClientConfiguration(), random: &random)
        server = ServerHost(configuration: ServerConfiguration(), random: &random)
        client.connect(at: now)
        for _ in 0..<100 {
            serve()
            take()
            step()
        }
        expect(client.isAccepted, "The server did not take the client.")
    }

    func step() {
        now = now + 10
        client.advance(to: now)
        serve()
        take()
    }

    func send(_ delivery: Delivery) {
        let result = message.withUnsafeBytes { client.send($0, channel: 0, delivery: delivery, at: now) }
        expect(result == .queued, "The packet was not queued.")
        client.flush(at: now)
    }

    /// The server's turn.
    func serve(sending delivery: Delivery? = nil) {
        client.outgoing.forEach { try? server.receive($0, from: address, at: now) }
        client.outgoing.removeAll()
        while let event = server.nextEvent(at: now) {
            switch event {
            case .connected(let peer, _, _): self.peer = peer
            case .packet: arrived += 1
            case .disconnected: expect(false, "The client has gone.")
            }
        }
        if let delivery, let peer {
            _ = message.withUnsafeBytes {
                server.send($0, channel: 0, delivery: delivery, to: peer, at: now)
            }
        }
        server.advance(to: now)
        server.flush(at: now)
    }

    /// The client takes what the server has sent, as the gateway does.
    func take() {
        server.drainOutgoing { datagram, _ in try? client.receive(datagram, at: now) }
        while let event = client.nextEvent(at: now) {
            if case .packet = event { taken += 1 }
        }
        client.flush(at: now)
    }
}
