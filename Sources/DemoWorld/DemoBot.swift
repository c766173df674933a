import ENet
import Primitives

/// A native player of the demo world: a real ENet client with a `BotMind`, on a thread of its own. It comes back a
/// second after its connection has ended.
public final class DemoBot: Sendable {
    private let thread: LoopThread

    public init(server: TransportAddress, name: String, seed: UInt64) throws(DemoError) {
        do { try SocketLayer.verifyIsInstalled() } catch { throw .socketLayer(error) }
        guard server.family == .ipv4 else { throw .addressNotIPv4 }
        let socket = try LoopbackSocket(port: 0)
        thread = try LoopThread(socket) { socket in
            BotLoop(socket, server: server, name: name, seed: seed).run()
        }
    }

    /// Leaves the world and ends.
    public func stop() {
        thread.stop()
    }
}

/// What runs on a bot's thread.
private final class BotLoop {
    private static let pause: Milliseconds = 1000

    private let socket: LoopbackSocket
    private let server: TransportAddress
    private let name: String
    private let seed: UInt64
    private var host: ClientHost
    private var mind: BotMind
    private var reconnectAt: Instant?

    init(_ socket: LoopbackSocket, server: TransportAddress, name: String, seed: UInt64) {
        self.socket = socket
        self.server = server
        self.name = name
        self.seed = seed
        let now = MonotonicClock.now
        host = Self.connectingHost(at: now)
        mind = BotMind(seed: seed, at: now)
    }

    func run() {
        settle(at: MonotonicClock.now)
        while socket.wait(until: nextDeadline) {
            let now = MonotonicClock.now
            socket.receive { datagram, source in
                guard source == server else { return }
                // What libenet cannot have sent is dropped, as libenet drops what it cannot read.
                do { try host.receive(datagram, at: now) } catch { return }
            }
            if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
            while let event = host.nextEvent(at: now) { receive(event, at: now) }
            reconnectIfDue(at: now)
            for message in reconnectAt == nil ? mind.advance(to: now) : [] { send(message, at: now) }
            settle(at: now)
        }
        let now = MonotonicClock.now
        host.disconnect(data: 0, later: false, at: now)
        settle(at: now)
    }

    private var nextDeadline: Instant {
        let own = reconnectAt ?? mind.nextDeadline
        return host.nextDeadline.map { min($0, own) } ?? own
    }

    private func receive(_ event: ClientEvent, at now: Instant) {
        switch event {
        case .connected:
            send(.hello(.native, name: name), at: now)
        case .packet(let packet):
            guard let message = ServerMessage(packet.payload, channel: packet.channel) else { return }
            mind.receive(message, at: now)
        case .disconnected, .timedOut, .compressionMismatch, .closed:
            reconnectAt = now + Self.pause
        }
    }

    private func reconnectIfDue(at now: Instant) {
        guard let due = reconnectAt, due <= now else { return }
        reconnectAt = nil
        host = Self.connectingHost(at: now)
        mind = BotMind(seed: seed, at: now)
    }

    private func send(_ message: ClientMessage, at now: Instant) {
        let delivery = WorldChannel.delivery(on: message.channel)
        message.bytes.withUnsafeBytes { bytes in
            // Not connected yet, or a queue full for want of acknowledgements: the next step says it anew.
            _ = host.send(bytes, channel: message.channel, delivery: delivery, at: now)
        }
    }

    private func settle(at now: Instant) {
        host.flush(at: now)
        host.outgoing.forEach { socket.send($0, to: server) }
        host.outgoing.removeAll()
    }

    private static func connectingHost(at now: Instant) -> ClientHost {
        var configuration = ClientConfiguration()
        configuration.channelCount = WorldChannel.count
        var random = SystemRandomNumberGenerator()
        let host = ClientHost(configuration: configuration, random: &random)
        host.connect(at: now)
        return host
    }
}
