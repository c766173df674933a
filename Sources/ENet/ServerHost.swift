import CENet
import Primitives

/// An ENet server with many peers, without sockets, clock or thread of its own: driven like `ClientHost`.
///
/// Left out: IPv6 (libenet's addresses are IPv4, and its limit per address compares them), checksum, bandwidth limits.
public final class ServerHost {
    private enum Pending {
        case connected(PeerID, data: UInt32, from: TransportAddress)
        case packet(UnsafeMutablePointer<ENetPacket>, PeerID, channel: UInt8)
        case disconnected(PeerID, data: UInt32)
    }

    public let configuration: ServerConfiguration

    private let host: UnsafeMutablePointer<ENetHost>
    private let peers: UnsafeMutableBufferPointer<ENetPeer>
    private let port: HostPort
    /// One for each slot.
    private let queued: UnsafeMutablePointer<QueuedBytes>
    /// The connection in each slot; nil when the application knows of none.
    private var connections: [PeerID?]
    private var nextGeneration: UInt64 = 0
    private var clock = HostClock()
    private var needsFlush = false

    private var pending = Fifo<Pending>()
    private var heldBytes: [Int]
    private var lent: (packet: UnsafeMutablePointer<ENetPacket>, from: PeerID)?

    public init(configuration: ServerConfiguration, random: inout some RandomNumberGenerator) {
        configuration.checkRanges()
        precondition(SocketLayer.isAllocatorInstalled, "libenet refused its memory callbacks.")
        let port = HostPort(
            memoryLimit: configuration.memoryLimit, compression: configuration.compression, recordsDestinations: true)
        port.compresses = configuration.compression != .none
        let created = SocketLayer.use(port) {
            enet_host_create(nil, configuration.maximumPeers, configuration.channelLimit, 0, 0)
        }
        guard let created, created.pointee.socket == SocketLayer.socket else {
            preconditionFailure("Call SocketLayer.verifyIsInstalled at start: libenet does not use our socket layer.")
        }
        self.configuration = configuration
        self.port = port
        host = created
        peers = UnsafeMutableBufferPointer(start: created.pointee.peers, count: configuration.maximumPeers)
        queued = .allocate(capacity: configuration.maximumPeers)
        queued.initialize(repeating: QueuedBytes(), count: configuration.maximumPeers)
        connections = Array(repeating: nil, count: configuration.maximumPeers)
        heldBytes = Array(repeating: 0, count: configuration.maximumPeers)
        host.pointee.randomSeed = random.next()
        host.pointee.mtu = UInt32(configuration.mtu)
        host.pointee.duplicatePeers = configuration.maximumPeersPerAddress
        host.pointee.maximumPacketSize = configuration.maximumPacketSize
        host.pointee.maximumWaitingData = configuration.maximumWaitingData
        for slot in peers.indices {
            peers[slot].mtu = UInt32(configuration.mtu)
        }
        port.beforeNextDatagram = { [unowned self] in collectEvents() }
    }

    deinit {
        port.beforeNextDatagram = nil
        SocketLayer.use(port) {
            enet_packet_destroy(lent?.packet)
            while let event = pending.popFirst() {
                if case .packet(let packet, _, _) = event { enet_packet_destroy(packet) }
            }
            enet_host_destroy(host)
        }
        queued.deallocate()
    }

    // MARK: - The network's side

    /// Takes one datagram. It is acted on by the next `advance` or `nextEvent`.
    public func receive(
        _ datagram: UnsafeRawBufferPointer, from source: TransportAddress, at now: Instant
    ) throws(DropReason) {
        guard let ipv4 = source.ipv4 else { throw .datagramFromStranger }
        if port.isStageFull {
            advance(to: now)
        }
        try port.stage(datagram, from: ENetAddress(host: ipv4.bigEndian, port: source.port))
    }

    /// Acts on the datagrams received, repeats and times out what is due, and sends what libenet has to send.
    public func advance(to now: Instant) {
        step(to: now) {
            recountWaitingData()
            var event = ENetEvent()
            while enet_host_service(host, &event, 0) > 0 || port.hasStaged {
                note(event)
            }
            if peers.indices.contains(where: { peer(at: $0).hasUnsentDisconnect }) {
                enet_host_flush(host)
            }
        }
        needsFlush = false
    }

    /// Sends what was queued since the last `flush` or `advance`.
    public func flush(at now: Instant) {
        guard needsFlush else { return }
        needsFlush = false
        step(to: now) { enet_host_flush(host) }
    }

    /// Hands over the datagrams to send, in order, and forgets them.
    public func drainOutgoing(_ body: (UnsafeRawBufferPointer, TransportAddress) -> Void) {
        for index in 0..<port.outgoing.count {
            let destination = address(port.destinations[index])
            port.outgoing.withPacket(index) { body($0, destination) }
        }
        port.outgoing.removeAll()
        port.destinations.removeAll(keepingCapacity: true)
    }

    /// When `advance` is next due; nil with no peer.
    public var nextDeadline: Instant? {
        guard !needsFlush, !port.hasStaged else { return clock.now }
        var due = host.nextBandwidthDue.map { clock.instant(of: $0) }
        for slot in peers.indices {
            guard let time = peer(at: slot).nextDue else { continue }
            let instant = clock.instant(of: time)
            due = due.map { min($0, instant) } ?? instant
        }
        return due.map { max($0, clock.now + 1) }
    }

    // MARK: - The application's side

    /// Queues a packet for one peer.
    public func send(
        _ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, to id: PeerID, at now: Instant
    ) -> SendResult {
        guard connections[id.slot] == id, peers[id.slot].state == ENET_PEER_STATE_CONNECTED else {
            return .notConnected
        }
        guard Int(channel) < peers[id.slot].channelCount else { return .noSuchChannel }
        guard payload.count <= configuration.maximumPacketSize else { return .tooLarge }
        let queue = queued + id.slot
        let waiting = queue.pointee.reliable + queue.pointee.unreliable
        guard waiting + payload.count <= configuration.maximumQueuedBytes,
            queue.pointee.packets < configuration.maximumQueuedPackets
        else { return .queueFull }
        let isQueued = step(to: now) {
            guard let packet = QueuedBytes.makePacket(payload, delivery, countedIn: queue) else { return false }
            guard enet_peer_send(peer(at: id.slot), channel, packet) == 0 else {
                enet_packet_destroy(packet)
                return false
            }
            return true
        }
        needsFlush = needsFlush || isQueued
        return isQueued ? .queued : .queueFull
    }

    /// Queues a packet for every connected peer that has room for it.
    public func broadcast(_ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, at now: Instant) {
        for case let id? in connections {
            _ = send(payload, channel: channel, delivery: delivery, to: id, at: now)
        }
    }

    /// Ends one connection. Nothing happens if it has already ended.
    public func disconnect(_ id: PeerID, data: UInt32, timing: DisconnectTiming, at now: Instant) {
        guard connections[id.slot] == id else { return }
        let peer = peer(at: id.slot)
        step(to: now) {
            switch timing {
            case .now: enet_peer_disconnect_now(peer, data)
            case .soon: enet_peer_disconnect(peer, data)
            case .later: enet_peer_disconnect_later(peer, data)
            }
        }
        needsFlush = true
        if timing == .now {
            connections[id.slot] = nil
        }
    }

    /// The oldest event not yet taken; nil when there is none. Ends the loan of the packet before.
    public func nextEvent(at now: Instant) -> ServerEvent? {
        releasePacket()
        if port.hasStaged {
            advance(to: now)
        }
        guard let event = pending.popFirst() else { return nil }
        switch event {
        case .connected(let id, let data, let source): return .connected(id, data: data, from: source)
        case .disconnected(let id, let data): return .disconnected(id, data: data)
        case .packet(let packet, let id, let channel):
            lent = (packet, id)
            let payload = UnsafeRawBufferPointer(start: packet.pointee.data, count: packet.pointee.dataLength)
            let delivery = Delivery(flags: packet.pointee.flags)
            return .packet(id, ReceivedPacket(channel: channel, delivery: delivery, payload: payload))
        }
    }

    /// Ends the loan of the packet `nextEvent` returned last.
    public func releasePacket() {
        guard let (packet, id) = lent else { return }
        lent = nil
        let count = packet.pointee.dataLength
        if connections[id.slot] == id {
            heldBytes[id.slot] -= count
            peers[id.slot].totalWaitingData -= min(count, peers[id.slot].totalWaitingData)
        }
        SocketLayer.use(port) { enet_packet_destroy(packet) }
    }

    /// Bytes of packets queued for one peer and not yet sent or, if reliable, acknowledged.
    public func queuedBytes(for id: PeerID) -> Int {
        guard connections[id.slot] == id else { return 0 }
        return queued[id.slot].reliable + queued[id.slot].unreliable
    }

    /// Connections the application knows of.
    public var connectedPeers: [PeerID] { connections.compactMap { $0 } }

    // MARK: - Inside

    /// For tests: libenet's own peer.
    func withPeer<Value>(_ id: PeerID, _ body: (PeerPointer) -> Value) -> Value { body(peer(at: id.slot)) }

    private func peer(at slot: Int) -> PeerPointer {
        guard let first = peers.baseAddress else { preconditionFailure("An ENet host has at least one peer.") }
        return first + slot
    }

    @discardableResult
    private func step<Value>(to now: Instant, _ body: () -> Value) -> Value {
        clock.advance(to: now)
        port.time = clock.time
        return SocketLayer.use(port, body)
    }

    /// Empties libenet's event queue between two datagrams, so that a DISCONNECT takes no packet before it along.
    private func collectEvents() {
        var event = ENetEvent()
        while !host.pointee.dispatchQueue.isEmpty, enet_host_check_events(host, &event) > 0 {
            note(event)
        }
    }

    private func note(_ event: ENetEvent) {
        guard let peer = event.peer else { return }
        let slot = Int(peer.pointee.incomingPeerID)
        switch event.type {
        case ENET_EVENT_TYPE_CONNECT:
            let id = PeerID(slot: slot, generation: nextGeneration)
            nextGeneration += 1
            connections[slot] = id
            heldBytes[slot] = 0
            let patience = UInt32(configuration.acknowledgementTimeout.whole)
            enet_peer_timeout(
                peer, UInt32(ENET_PEER_TIMEOUT_LIMIT), patience, max(patience, UInt32(ENET_PEER_TIMEOUT_MAXIMUM)))
            pending.append(.connected(id, data: event.data, from: address(peer.pointee.address)))
        case ENET_EVENT_TYPE_RECEIVE:
            guard let packet = event.packet else { return }
            guard let id = connections[slot] else { return enet_packet_destroy(packet) }
            heldBytes[slot] += packet.pointee.dataLength
            peer.pointee.totalWaitingData += packet.pointee.dataLength
            pending.append(.packet(packet, id, channel: event.channelID))
        case ENET_EVENT_TYPE_DISCONNECT:
            guard let id = connections[slot] else { return }
            connections[slot] = nil
            pending.append(.disconnected(id, data: event.data))
        default:
            return
        }
    }

    private func recountWaitingData() {
        for slot in peers.indices where peer(at: slot).isCrowded {
            peer(at: slot).recountWaitingData(held: heldBytes[slot])
        }
    }

    private func address(_ address: ENetAddress) -> TransportAddress {
        TransportAddress(ipv4: UInt32(bigEndian: address.host), port: address.port)
    }
}
