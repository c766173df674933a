import CENet
import Primitives

/// One ENet connection to a game server, without sockets, clock or thread of its own.
///
/// The owner stages what arrives with `receive`, gives time with `advance` (which serves libenet once for all that was
/// staged), takes events with `nextEvent` until it is nil, gives packets with `send`, settles with `flush`, and then
/// writes out and empties `outgoing`. `nextDeadline` says when `advance` is next due.
///
/// `isReliableWelcome` is the back-pressure: while it is false, reliable data stays unacknowledged, so that the server
/// waits with more, and unreliable packets go on. Not pulling at all is the other: from `maximumWaitingData` on, libenet
/// neither keeps nor acknowledges more data. From half of it on, what came behind a missing packet is not acknowledged.
///
/// Left out: libenet's checksum, bandwidth limits of our own. A host connects once.
public final class ClientHost {
    private enum Phase {
        case idle, connecting, connected, disconnecting, ended
    }

    public let configuration: ClientConfiguration

    private let host: UnsafeMutablePointer<ENetHost>
    private let peer: PeerPointer
    private let port: HostPort
    private let queued: UnsafeMutablePointer<QueuedBytes>
    private var clock = HostClock()
    private var phase = Phase.idle
    private var connectDeadline: Instant?
    /// When anything last came from the server.
    private var lastHeard = Instant.zero
    private var needsFlush = false
    private var acceptance = AcceptanceQuestion()
    private var agreement: CompressionAgreement

    private var pending = ReceivedEvents()
    private var withheld = WithheldAcknowledgements()
    /// Bytes of the packets in `pending` and of the one lent out.
    private var heldBytes = 0
    private var lent: UnsafeMutablePointer<ENetPacket>?
    private var datagramsSinceRecount = 0

    /// - Parameters:
    ///   - memory: where libenet's host lies, if many of one thread share it.
    ///   - random: where libenet's connect id starts; a spoofer who knows it could join in.
    public init(
        configuration: ClientConfiguration, memory: HostMemory? = nil, random: inout some RandomNumberGenerator
    ) {
        configuration.checkRanges()
        self.configuration = configuration
        port = HostPort(
            memoryLimit: configuration.memoryLimit, compression: configuration.compression, hostMemory: memory)
        (host, peer) = SocketLayer.makeClient(on: port, channelCount: configuration.channelCount)
        agreement = CompressionAgreement(configuration.compression)
        queued = .allocate(capacity: 1)
        queued.initialize(to: QueuedBytes())
        host.pointee.randomSeed = random.next()
        host.pointee.mtu = UInt32(configuration.mtu)
        peer.pointee.mtu = UInt32(configuration.mtu)
        host.pointee.maximumPacketSize = configuration.maximumPacketSize
        host.pointee.maximumWaitingData = configuration.maximumWaitingData
        port.beforeNextDatagram = { [unowned self] in collectEvents() }
    }

    deinit {
        port.beforeNextDatagram = nil
        SocketLayer.use(port) {
            withheld.discard()
            enet_packet_destroy(lent)
            while let event = pending.popFirst() {
                if case .packet(let packet, _) = event { enet_packet_destroy(packet) }
            }
            enet_host_destroy(host)
        }
        queued.deallocate()
    }

    // MARK: - The network's side

    /// Datagrams for the server. The owner sends them in order and empties this.
    public var outgoing: PacketArena {
        _read { yield port.outgoing }
        _modify { yield &port.outgoing }
    }

    /// Takes one datagram from the server. It is acted on by the next `advance` or `nextEvent`.
    public func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) throws(DropReason) {
        guard phase != .idle, phase != .ended else { throw .sessionEnding }
        if port.isStageFull {
            advance(to: now)
        }
        do {
            try port.stage(datagram, from: HostPort.serverPlaceholder)
        } catch {
            let mismatch = error == .serverDatagramCompressed ? agreement.mismatch(shownBy: datagram, to: peer) : nil
            if let mismatch { giveUp(over: mismatch) }
            throw error
        }
        agreement.noteReadable(datagram)
        port.compresses = agreement.isProven
        lastHeard = now
        datagramsSinceRecount += 1
    }

    /// Acts on the datagrams received, repeats and times out what is due, and sends what is to be sent: once it is due.
    public func advance(to now: Instant) {
        guard let nextDeadline, nextDeadline <= now else { return }
        step(to: now) {
            recountWaitingDataIfDue()
            if phase == .connected {
                acceptance.askIfDue(peer, at: clock)
                withheld.releaseDue(to: peer, at: clock.now)
            }
            peer.ping(nextPing.map { $0 <= now } ?? false)
            repeat {
                enet_host_service(host, nil, 0)
                collectEvents()
            } while port.hasStaged && phase != .ended
            correctPeer()
            if peer.hasUnsentDisconnect {
                enet_host_flush(host)
            }
            let longest = phase == .connecting ? configuration.longestConnectWait : configuration.longestRetransmission
            peer.limitRetransmission(to: UInt32(longest.whole), at: clock.time)
        }
        needsFlush = false
        if phase == .connected {
            let isAccepted = acceptance.isAnswered
            let mismatch = agreement.askIfDue(peer, isAccepted: isAccepted, through: port, at: clock)
            if let mismatch { giveUp(over: mismatch) }
        }
        if phase != .ended, let patienceEnd, clock.now >= patienceEnd {
            SocketLayer.use(port) { enet_peer_reset(peer) }
            becomeDisconnected(data: 0, isTimeout: true)
        }
    }

    private var nextPing: Instant? { configuration.nextPing(of: peer, lastHeard: lastHeard, on: clock) }
    /// When a server that says nothing more, or has not said anything yet, counts as gone.
    private var patienceEnd: Instant? {
        phase == .connecting ? connectDeadline : lastHeard + configuration.silenceTimeout
    }

    /// Sends what was queued since the last `flush` or `advance`, several packets to a datagram where they fit.
    public func flush(at now: Instant) {
        guard needsFlush, phase != .idle, phase != .ended else { return }
        needsFlush = false
        step(to: now) {
            enet_host_flush(host)
            if peer.hasUnsentDisconnect {
                enet_host_flush(host)
            }
        }
    }

    /// When `advance` is next due; nil before `connect` and after the end.
    ///
    /// It is read from libenet's own state (`nextRepetition`, `nextPing` and `nextBandwidthDue` say how), so that an idle
    /// connection costs two calls per ping. Events not yet pulled are not a deadline. At least a millisecond after the last
    /// `advance`, libenet's clock's step, unless something waits to be served or flushed.
    public var nextDeadline: Instant? {
        guard phase != .idle, phase != .ended else { return nil }
        guard !needsFlush, !port.hasStaged else { return clock.now }
        var due = Instant.earlier(peer.nextRepetition.map(clock.instant), host.nextBandwidthDue.map(clock.instant))
        due = .earlier(.earlier(due, patienceEnd), .earlier(acceptance.next, agreement.next))
        return Instant.earlier(.earlier(due, nextPing), withheld.nextDue).map { max($0, clock.now + 1) }
    }

    // MARK: - The application's side

    /// Whether the owner takes reliable packets. While it does not, `nextEvent` passes them over, and the server is held
    /// to the window of reliable data it may have unacknowledged.
    public var isReliableWelcome = true

    /// Sends CONNECT. Once per host.
    public func connect(at now: Instant) {
        precondition(phase == .idle, "A ClientHost connects once.")
        step(to: now) {
            var address = HostPort.serverPlaceholder
            let connecting = enet_host_connect(host, &address, configuration.channelCount, configuration.connectData)
            guard connecting != nil else { return }
            phase = .connecting
            peer.pointee.roundTripTime = UInt32(configuration.firstConnectWait.whole)
            // libenet's own rule, so many waits and so much time, is left out by two equal times.
            let patience = UInt32(configuration.acknowledgementTimeout.whole)
            enet_peer_timeout(peer, UInt32(ENET_PEER_TIMEOUT_LIMIT), patience, patience)
            peer.ping(false)
            enet_host_flush(host)
        }
        connectDeadline = clock.now + configuration.connectTimeout
        if phase == .idle {
            end(with: .timedOut(.connecting))  // no memory for the channels
        }
    }

    /// Queues a packet. It leaves with the next `flush` or `advance`.
    public func send(
        _ payload: UnsafeRawBufferPointer, channel: UInt8, delivery: Delivery, at now: Instant
    ) -> SendResult {
        guard phase == .connected, peer.state == ENET_PEER_STATE_CONNECTED else { return .notConnected }
        guard Int(channel) < peer.pointee.channelCount else { return .noSuchChannel }
        guard payload.count <= configuration.maximumPacketSize else { return .tooLarge }
        guard queued.pointee.hasRoom(for: payload.count, delivery, in: configuration) else { return .queueFull }
        let isQueued = step(to: now) {
            guard let packet = QueuedBytes.makePacket(payload, delivery, countedIn: queued) else { return false }
            guard enet_peer_send(peer, channel, packet) == 0 else {
                enet_packet_destroy(packet)
                return false
            }
            return true
        }
        needsFlush = needsFlush || isQueued
        return isQueued ? .queued : .queueFull
    }

    /// Ends the connection: `closed` follows once the server has acknowledged it or does not answer.
    ///
    /// - Parameters:
    ///   - data: The data word the server's application sees.
    ///   - later: First deliver the reliable packets already queued; otherwise they are thrown away.
    public func disconnect(data: UInt32, later: Bool, at now: Instant) {
        switch phase {
        case .connecting, .connected:
            phase = .disconnecting
            acceptance.stop()
            agreement.stop()
            step(to: now) {
                later ? enet_peer_disconnect_later(peer, data) : enet_peer_disconnect(peer, data)
            }
            needsFlush = true
            if peer.state == ENET_PEER_STATE_DISCONNECTED {
                end(with: .closed)  // was not connected yet: libenet has told the server and forgotten it
            }
        case .disconnecting:
            guard !later else { return }
            step(to: now) { enet_peer_disconnect(peer, data) }
            needsFlush = true
        case .idle:
            end(with: .closed)
        case .ended:
            return
        }
    }

    /// The oldest event not yet taken; nil when there is none. Ends the loan of the packet before.
    public func nextEvent(at now: Instant) -> ClientEvent? {
        releasePacket()
        if port.hasStaged {
            advance(to: now)
        }
        guard let event = pending.popFirst(reliableToo: isReliableWelcome) else {
            releaseWithheld()
            return nil
        }
        switch event {
        case .other(let event): return event
        case .packet(let packet, let channel):
            lent = packet
            let payload = UnsafeRawBufferPointer(start: packet.pointee.data, count: packet.pointee.dataLength)
            let delivery = Delivery(flags: packet.pointee.flags)
            return .packet(ReceivedPacket(channel: channel, delivery: delivery, payload: payload))
        }
    }

    /// Ends the loan of the packet `nextEvent` returned last.
    public func releasePacket() {
        guard let packet = lent else { return }
        lent = nil
        let count = packet.pointee.dataLength
        heldBytes -= count
        peer.pointee.totalWaitingData -= min(count, peer.pointee.totalWaitingData)
        SocketLayer.use(port) { enet_packet_destroy(packet) }
    }

    // MARK: - What the owner may ask

    /// The server has acknowledged something sent after CONNECT, or sent a packet.
    ///
    /// A Godot server that refuses a player answers CONNECT and then forgets the peer without a word. A ping follows
    /// CONNECT at once, so a server that accepted acknowledges within a round trip: libenet's server hands CONNECT to
    /// its application before it acknowledges anything that came with or after it. Still false seconds after
    /// `connected` means refused. With compression it must also be known that the server reads ours.
    public var isAccepted: Bool { acceptance.isAnswered && agreement.isSettled }

    /// Bytes of reliable packets queued and not yet wholly acknowledged.
    public var queuedReliableBytes: Int { queued.pointee.reliable }
    /// Bytes of unreliable packets queued and not yet sent.
    public var queuedUnreliableBytes: Int { queued.pointee.unreliable }
    /// Packets of either kind queued.
    public var queuedPackets: Int { queued.pointee.packets }
    /// Bytes received that have not been taken.
    public var waitingBytes: Int { heldBytes }
    /// Bytes libenet has allocated for this connection.
    public var allocatedBytes: Int { port.allocatedBytes }
    /// Smoothed round-trip time; `firstConnectWait` until the first acknowledgement.
    public var roundTripTime: Milliseconds { Milliseconds(UInt64(peer.pointee.roundTripTime)) }
    /// Channels both sides agreed on; 0 before `connect` and after the end.
    public var channelCount: Int { peer.pointee.channelCount }

    // MARK: - Inside

    /// For tests: libenet's own peer.
    func withPeer<Value>(_ body: (PeerPointer) -> Value) -> Value { body(peer) }

    /// Runs `body`, in which libenet's calls reach this host's port at the time `now`.
    @discardableResult
    private func step<Value>(to now: Instant, _ body: () -> Value) -> Value {
        clock.advance(to: now)
        port.time = clock.time
        return SocketLayer.use(port, body)
    }

    /// Empties libenet's event queue into ours. Called between two datagrams too, because a DISCONNECT makes libenet
    /// throw away the packets before it that were not yet taken, acknowledged or not.
    private func collectEvents() {
        noteAcceptance()
        if !isReliableWelcome || peer.isCrowded {
            withheld.take(isReliableWelcome ? .ofWhatIsAhead : .ofAll, from: peer, at: clock.now)
        }
        while !host.pointee.dispatchQueue.isEmpty {
            let isTimeout = peer.hasTimedOut
            var event = ENetEvent()
            guard enet_host_check_events(host, &event) > 0 else { return }
            switch event.type {
            case ENET_EVENT_TYPE_CONNECT: becomeConnected()
            case ENET_EVENT_TYPE_RECEIVE: hold(event.packet, channel: event.channelID)
            case ENET_EVENT_TYPE_DISCONNECT: becomeDisconnected(data: event.data, isTimeout: isTimeout)
            default: return
            }
        }
    }

    /// Not before the owner has taken all there is: an owner that takes one packet and then wants none again would have
    /// a window of them come for each.
    private func releaseWithheld() {
        guard isReliableWelcome, !withheld.isEmpty, !peer.isCrowded, phase != .ended else { return }
        withheld.release(to: peer)
        needsFlush = true
    }

    private func becomeConnected() {
        guard phase == .connecting else { return }
        phase = .connected
        pending.append(.other(.connected))
        correctPeer()
        // All of this travels with the acknowledgement that completes the handshake. The ping is what tells a silent
        // refusal early.
        if configuration.disablesThrottle { peer.disableThrottle() }
        acceptance.begin(peer, at: clock)
        agreement.begin(at: clock)
    }

    private func giveUp(over mismatch: CompressionMismatch) {
        SocketLayer.use(port) { enet_peer_disconnect_now(peer, 0) }
        end(with: .compressionMismatch(mismatch))
    }

    private func becomeDisconnected(data: UInt32, isTimeout: Bool) {
        switch phase {
        case .disconnecting: end(with: .closed)
        case .connecting: end(with: isTimeout ? .timedOut(.connecting) : .disconnected(data: data))
        case .connected: end(with: isTimeout ? .timedOut(.connected) : .disconnected(data: data))
        case .idle, .ended: return
        }
    }

    private func end(with event: ClientEvent) {
        phase = .ended
        needsFlush = false
        acceptance.stop()
        agreement.stop()
        pending.append(.other(event))
    }

    private func hold(_ packet: UnsafeMutablePointer<ENetPacket>?, channel: UInt8) {
        guard let packet else { return }
        acceptance.answer()
        heldBytes += packet.pointee.dataLength
        peer.pointee.totalWaitingData += packet.pointee.dataLength
        pending.append(.packet(packet, channel: channel))
    }

    private func noteAcceptance() {
        guard phase == .connected, !acceptance.isAnswered, peer.hasAcknowledged else { return }
        acceptance.answer()
    }

    /// The server repeats its bandwidth in a command of its own after each peer that comes or goes.
    private func correctPeer() {
        if configuration.ignoresAdvertisedBandwidth, peer.isEstablished {
            peer.ignoreAdvertisedBandwidth()
        }
    }

    private func recountWaitingDataIfDue() {
        guard peer.isCrowded || datagramsSinceRecount >= 64 else { return }
        datagramsSinceRecount = 0
        peer.recountWaitingData(held: heldBytes)
    }
}
