import Primitives

@testable import ENet

/// A client event with its bytes copied, so that a test can keep it.
enum Seen: Equatable {
    case connected
    case packet(channel: UInt8, Delivery, [UInt8])
    case disconnected(UInt32)
    case timedOut(ClientTimeout)
    case compressionMismatch(CompressionMismatch)
    case closed

    init(_ event: ClientEvent) {
        switch event {
        case .connected: self = .connected
        case .packet(let packet): self = .packet(channel: packet.channel, packet.delivery, Array(packet.payload))
        case .disconnected(let data): self = .disconnected(data)
        case .timedOut(let wait): self = .timedOut(wait)
        case .compressionMismatch(let mismatch): self = .compressionMismatch(mismatch)
        case .closed: self = .closed
        }
    }

    var payload: [UInt8]? {
        if case .packet(_, _, let bytes) = self { bytes } else { nil }
    }
}

/// One client and one server joined by a wire with delay and seeded loss, in virtual time.
///
/// The server echoes what it receives when `echoes` is true. Time jumps from one datagram or deadline to the next, so
/// that a host whose `nextDeadline` is too late stalls and a host whose deadline never moves is caught by `run`.
final class VirtualNetwork {
    static let address = TransportAddress(ipv4: 0xC000_0201, port: 40_000)

    let client: ClientHost
    let server: ServerHost
    private(set) var now = Instant(nanoseconds: 7_000_000_123)
    private var random: SeededRandom
    private var wire: [(due: Instant, toServer: Bool, bytes: [UInt8])] = []

    /// One way.
    var delay: Milliseconds = 10
    /// Of a thousand datagrams, either way.
    var lossPerMille = 0
    var isCutToServer = false
    /// Datagrams to the client that end in this byte are lost.
    var lostToClient: UInt8?
    var isServerGone = false
    var echoes = true
    /// False: the client's owner takes no events.
    var pullsClient = true

    private(set) var seen: [Seen] = []
    private(set) var serverPackets: [(channel: UInt8, delivery: Delivery, bytes: [UInt8])] = []
    private(set) var serverPeer: PeerID?
    private(set) var connectData: UInt32?
    private(set) var serverDisconnect: UInt32?
    private(set) var clientAdvances = 0
    private(set) var clientDatagrams = 0
    /// Bytes of datagrams that one side or the other sent.
    private(set) var bytesToServer = 0
    private(set) var bytesToClient = 0

    init(
        seed: UInt64 = 1, _ client: ClientConfiguration = ClientConfiguration(),
        _ server: ServerConfiguration = ServerConfiguration()
    ) {
        random = SeededRandom(seed: seed)
        self.client = ClientHost(configuration: client, random: &random)
        self.server = ServerHost(configuration: server, random: &random)
    }

    func connect() {
        client.connect(at: now)
        settle()
        run(for: 1000)
    }

    func send(_ bytes: [UInt8], channel: UInt8 = 0, _ delivery: Delivery = .reliable) -> SendResult {
        bytes.withUnsafeBytes { client.send($0, channel: channel, delivery: delivery, at: now) }
    }

    func sendFromServer(_ bytes: [UInt8], channel: UInt8 = 0, _ delivery: Delivery = .reliable) -> SendResult {
        guard let serverPeer else { return .notConnected }
        return bytes.withUnsafeBytes {
            server.send($0, channel: channel, delivery: delivery, to: serverPeer, at: now)
        }
    }

    func serverPings(every interval: Milliseconds) {
        guard let serverPeer else { return }
        server.withPeer(serverPeer) { $0.pointee.pingInterval = UInt32(interval.whole) }
    }

    /// Lets `span` pass. False when a thousand steps went by without the time moving.
    @discardableResult
    func run(for span: Milliseconds) -> Bool {
        let end = now + span
        var stepsWithoutTime = 0
        settle()
        while true {
            let deadlines = [wire.map(\.due).min(), client.nextDeadline, isServerGone ? nil : server.nextDeadline]
            guard let next = deadlines.compactMap({ $0 }).min(), next <= end else { break }
            stepsWithoutTime = next > now ? 0 : stepsWithoutTime + 1
            guard stepsWithoutTime < 1000 else { return false }
            now = max(now, next)
            deliver()
            advance()
            settle()
        }
        now = end
        return true
    }

    private func deliver() {
        let due = wire.filter { $0.due <= now }
        wire.removeAll { $0.due <= now }
        for datagram in due {
            datagram.bytes.withUnsafeBytes { bytes in
                if !datagram.toServer {
                    try? client.receive(bytes, at: now)
                } else if !isServerGone {
                    try? server.receive(bytes, from: Self.address, at: now)
                }
            }
        }
    }

    private func advance() {
        if let deadline = client.nextDeadline, deadline <= now {
            client.advance(to: now)
            clientAdvances += 1
        }
        if !isServerGone, let deadline = server.nextDeadline, deadline <= now {
            server.advance(to: now)
        }
    }

    private func settle() {
        if pullsClient {
            takeClientEvents()
        }
        while !isServerGone, let event = server.nextEvent(at: now) {
            receive(event)
        }
        client.flush(at: now)
        server.flush(at: now)
        clientDatagrams += client.outgoing.count
        client.outgoing.forEach { put(Array($0), toServer: true) }
        client.outgoing.removeAll()
        server.drainOutgoing { bytes, _ in put(Array(bytes), toServer: false) }
    }

    func takeClientEvents() {
        while let event = client.nextEvent(at: now) {
            seen.append(Seen(event))
        }
    }

    private func receive(_ event: ServerEvent) {
        switch event {
        case .connected(let peer, let data, let source):
            precondition(source == Self.address)
            serverPeer = peer
            connectData = data
        case .packet(let peer, let packet):
            serverPackets.append((packet.channel, packet.delivery, Array(packet.payload)))
            if echoes {
                _ = server.send(
                    packet.payload, channel: packet.channel, delivery: packet.delivery, to: peer, at: now)
            }
        case .disconnected(_, let data):
            serverDisconnect = data
        }
    }

    private func put(_ bytes: [UInt8], toServer: Bool) {
        bytesToServer += toServer ? bytes.count : 0
        bytesToClient += toServer ? 0 : bytes.count
        guard Int.random(in: 0..<1000, using: &random) >= lossPerMille, !(toServer && isCutToServer) else { return }
        guard toServer || lostToClient == nil || bytes.last != lostToClient else { return }
        wire.append((now + delay, toServer, bytes))
    }
}
