import ENet
import Glibc
import Primitives
import Testing

@testable import DemoWorld

/// A player on a real loopback socket, driven by the test.
private final class Player {
    let socket: LoopbackSocket
    let server: TransportAddress
    let host: ClientHost
    private(set) var heard: [ServerMessage] = []
    private(set) var isConnected = false
    private(set) var end: UInt32?

    init(_ server: TransportAddress) throws {
        socket = try LoopbackSocket(port: 0)
        self.server = server
        var random = SystemRandomNumberGenerator()
        host = ClientHost(configuration: ClientConfiguration(), random: &random)
        host.connect(at: MonotonicClock.now)
    }

    deinit {
        socket.close()
    }

    func say(_ message: ClientMessage) {
        _ = message.bytes.withUnsafeBytes {
            host.send(
                $0, channel: message.channel, delivery: message.channel == 0 ? .reliable : .unsequenced,
                at: MonotonicClock.now)
        }
        settle()
    }

    /// Waits until `condition` holds; false after ten seconds, which only a failure needs.
    func wait(until condition: (Player) -> Bool) -> Bool {
        let limit = MonotonicClock.now + 10_000
        settle()
        while !condition(self) {
            guard MonotonicClock.now < limit else { return false }
            _ = socket.wait(until: min(host.nextDeadline ?? limit, limit))
            let now = MonotonicClock.now
            socket.receive { bytes, _ in try? host.receive(bytes, at: now) }
            if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
            while let event = host.nextEvent(at: now) { note(event) }
            settle()
        }
        return true
    }

    private func note(_ event: ClientEvent) {
        switch event {
        case .connected: isConnected = true
        case .packet(let packet):
            if let message = ServerMessage(packet.payload, channel: packet.channel) { heard.append(message) }
        case .disconnected(let data): end = data
        case .timedOut, .compressionMismatch, .closed: end = .max
        }
    }

    private func settle() {
        host.flush(at: MonotonicClock.now)
        host.outgoing.forEach { socket.send($0, to: server) }
        host.outgoing.removeAll()
    }
}

@Suite(.serialized) struct DemoServerTests {
    private func joined(_ server: DemoServer, _ name: String) throws -> Player {
        let player = try Player(server.address)
        #expect(player.wait { $0.isConnected })
        player.say(.hello(.web, name: name))
        return player
    }

    @Test func twoPlayersSeeHearAndMissEachOther() throws {
        let server = try DemoServer(port: 0)
        defer { server.stop() }
        let anna = try joined(server, "Anna")
        #expect(anna.wait { $0.heard.contains { if case .welcome = $0 { true } else { false } } })
        #expect(anna.host.channelCount == 255)
        let bob = try joined(server, "Bob")
        func isJoined(_ name: String) -> (ServerMessage) -> Bool {
            { if case .joined(_, .web, _, name) = $0 { true } else { false } }
        }
        #expect(bob.wait { $0.heard.contains(where: isJoined("Anna")) && $0.heard.contains(where: isJoined("Bob")) })
        #expect(anna.wait { $0.heard.contains(where: isJoined("Bob")) })
        anna.say(.chat("hello bob"))
        #expect(bob.wait { $0.heard.contains { if case .chat(_, "hello bob") = $0 { true } else { false } } })
        let place = try #require(Position(clamping: 123, 45))
        anna.say(.position(place))
        #expect(
            bob.wait {
                $0.heard.contains {
                    if case .snapshot(_, let all) = $0 { all.contains { $0.position == place } } else { false }
                }
            })
        for channel in UInt8(0)...2 { anna.say(.ping(number: 7, time: 8, channel: channel)) }
        #expect(
            anna.wait { anna in
                (UInt8(0)...2).allSatisfy { channel in
                    anna.heard.contains(.pong(number: 7, time: 8, count: 1, channel: channel))
                }
            })
        bob.host.disconnect(data: 0, later: false, at: MonotonicClock.now)
        #expect(bob.wait { $0.end == .max })
        #expect(anna.wait { $0.heard.contains { if case .left = $0 { true } else { false } } })
    }

    @Test func theTwoBotsPlayAndGreet() throws {
        let server = try DemoServer(port: 0)
        defer { server.stop() }
        let bots = [
            try DemoBot(server: server.address, name: "Kitsune", seed: 1),
            try DemoBot(server: server.address, name: "Tanuki", seed: 2),
        ]
        defer { bots.forEach { $0.stop() } }
        let player = try joined(server, "Zoë")
        #expect(
            player.wait {
                Set(
                    $0.heard.compactMap {
                        if case .joined(_, .native, _, let name) = $0 { name } else { nil }
                    }) == ["Kitsune", "Tanuki"]
            })
        #expect(
            player.wait {
                $0.heard.contains { if case .chat(_, let text) = $0 { text.contains("Zoë") } else { false } }
            })
        bots[0].stop()
        #expect(player.wait { $0.heard.contains { if case .left = $0 { true } else { false } } })
    }

    @Test func stoppingSaysGoodbyeAndFreesThePort() throws {
        let server = try DemoServer(port: 0)
        let player = try joined(server, "A")
        #expect(player.wait { $0.heard.contains { if case .welcome = $0 { true } else { false } } })
        #expect(throws: DemoError.portInUse(server.address.port)) { try DemoServer(port: server.address.port) }
        server.stop()
        server.stop()
        #expect(player.wait { $0.end == 0 })
        // Some other program may take a port that has just become free: one of a few must be.
        let isFreed = try (0..<5).contains { _ in
            let server = try DemoServer(port: 0)
            server.stop()
            guard let again = try? DemoServer(port: server.address.port) else { return false }
            again.stop()
            return true
        }
        #expect(isFreed)
    }

    @Test func aBotComesBackAfterTheServerDid() throws {
        let first = try DemoServer(port: 0)
        let bot = try DemoBot(server: first.address, name: "Kitsune", seed: 1)
        defer { bot.stop() }
        first.stop()
        let second = try DemoServer(port: first.address.port)
        defer { second.stop() }
        let player = try joined(second, "A")
        #expect(player.wait { $0.heard.contains { if case .joined(_, .native, _, _) = $0 { true } else { false } } })
    }

    @Test func bytesThatAreNotENetHarmNobody() throws {
        let server = try DemoServer(port: 0)
        defer { server.stop() }
        let socket = try LoopbackSocket(port: 0)
        defer { socket.close() }
        for size in [0, 1, 2, 7, 48, 1400, 5000, 60_000] {
            [UInt8](repeating: 0x8F, count: size).withUnsafeBytes { socket.send($0, to: server.address) }
        }
        let player = try joined(server, "A")
        #expect(player.wait { $0.heard.contains { if case .welcome = $0 { true } else { false } } })
    }
}
