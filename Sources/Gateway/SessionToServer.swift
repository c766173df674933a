import Bridge
import DTLS
import DataChannels
import ENet
import Primitives
import WebRTC

// Browser → server.
extension Session {
    /// Takes what the browser sent. True when the turn ended with more to take.
    func pullBrowser(at now: Instant, random: inout any RandomNumberGenerator, into outbox: inout Outbox) -> Bool {
        sendBacklog(at: now)
        for _ in 0..<Self.turnLength {
            // Not pulling closes SCTP's receive window: the browser waits.
            guard !serverBacklog.isFull, endReason == nil, let event = peer.nextEvent() else { return false }
            receive(event, at: now, random: &random, into: &outbox)
        }
        return true
    }

    private func receive(
        _ event: PeerEvent, at now: Instant, random: inout any RandomNumberGenerator, into outbox: inout Outbox
    ) {
        switch event {
        case .opened:
            tellSecured(at: now, into: &outbox)
            outbox.events.append(self.event(.opened(after: now.since(startedAt))))
            connectServer(at: now, random: &random, into: &outbox)
        case .channelOpened(let channel):
            map.open(channel)
            claimPackets(at: now)
        case .channelClosed(let channel):
            map.close(stream: channel.stream)
            browserQueue.discard(stream: channel.stream)
        case .message(let stream, let isUnordered, _, let dueAt, let payload):
            forward(payload, stream: stream, isUnordered: isUnordered, dueAt: dueAt, at: now)
        case .dropped(let reason):
            counters.drops.count(reason)
        case .ended(let reason):
            browserLeft(EndReason(reason), at: now)
        }
    }

    // Our choice.
    /// An unreliable message that is later than this by repetition is not worth passing on: at 10 Hz and more a newer
    /// one is there, and voice has been played without it.
    private static let staleAge: Milliseconds = 100

    /// Only now, not at the offer: a Godot server with authentication gives a new peer 3 s.
    private func connectServer(at now: Instant, random: inout any RandomNumberGenerator, into outbox: inout Outbox) {
        guard case .joining = phase else { return }
        let server: any ServerConnection
        do throws(DTLSSetupError) {
            server = try makeServerConnection(random: &random)
        } catch {
            return end(.internalFailure(error.description), at: now)
        }
        self.server = server
        tapServer()
        phase = .connecting
        outbox.openings.append(ServerSocketOpening(slot: slot, server: destination.address, path: route.path))
        server.connect(at: now)
    }

    private func makeServerConnection(
        random: inout any RandomNumberGenerator
    ) throws(DTLSSetupError) -> any ServerConnection {
        guard route.profile != .datagrams else {
            return DatagramConnection(sendLimit: route.datagramLimit(to: destination))
        }
        var configuration = ClientConfiguration()
        configuration.channelCount = route.channelCount
        configuration.connectData = connectData
        configuration.mtu = DatagramBudget.mtu(
            linkMTU: destination.linkMTU, to: destination.address.family, overhead: route.security.datagramOverhead)
        configuration.compression = route.enet.compression
        configuration.connectTimeout = limits.serverConnectTimeout
        configuration.maximumQueuedReliableBytes = 512 * 1024
        configuration.maximumPacketSize += framing.overhead
        guard let clientContext else {
            return ClientHost(configuration: configuration, memory: hostMemory, random: &random)
        }
        return try SecuredServerConnection(
            context: clientContext, configuration: configuration, memory: hostMemory, random: &random)
    }

    private func forward(
        _ payload: UnsafeRawBufferPointer, stream: UInt16, isUnordered: Bool, dueAt: Instant?, at now: Instant
    ) {
        learnNegotiatedChannel(stream: stream, isUnordered: isUnordered, at: now)
        guard let destination = map.destination(fromStream: stream, isUnordered: isUnordered) else {
            counters.drops.count(.messageWithoutCounterpart)
            return
        }
        guard destination.delivery == .reliable || mayStillMatter(stream, dueAt, at: now) else {
            counters.drops.count(.messageStale)
            return
        }
        framing.wrap(payload) { packet in
            if destination.delivery == .reliable {
                sendInTurn(packet, to: destination, at: now)
            } else {
                sendAtOnce(packet, to: destination, at: now)
            }
        }
    }

    /// Godot's page sends everything reliably, whatever the game asked for: what was lost is sent again, and what waited
    /// behind it comes with it in a burst. A game that asked for no such thing gets neither.
    private func mayStillMatter(_ stream: UInt16, _ dueAt: Instant?, at now: Instant) -> Bool {
        guard route.profile.sendsAllReliably else { return true }
        guard !blackoutReplay.isReplayed(stream: stream, staleAge: Self.staleAge, at: now) else { return false }
        return dueAt.map { now.since($0) < Self.staleAge } ?? true
    }

    /// Something authentic came from the browser: if our data had waited for an answer too long, the way was cut.
    func noteBrowserSpoke(at now: Instant) {
        guard let since = unansweredSince else { return }
        unansweredSince = nil
        let silence = now.since(since)
        guard route.profile.sendsAllReliably, silence >= BlackoutReplay.shortestSilence else { return }
        let roundTrip = Milliseconds(UInt64(max(peer.sendBuffer?.roundTripTime ?? 0, 0)))
        guard silence.nanoseconds >= BlackoutReplay.shortestSilence.nanoseconds + roundTrip.nanoseconds else { return }
        blackoutReplay.noteSilence(of: silence, until: now)
    }

    /// A reliable message: behind those that wait, and made to wait by a limit.
    private func sendInTurn(_ packet: UnsafeRawBufferPointer, to destination: ServerDestination, at now: Instant) {
        guard serverBacklog.isEmpty, rateToServer.allows(bytes: packet.count, isReliable: true, at: now) else {
            keep(packet, for: destination)
            return
        }
        send(packet, to: destination, at: now)
    }

    /// State and voice do not wait behind reliable messages, and what a limit does not let through is dropped.
    private func sendAtOnce(_ packet: UnsafeRawBufferPointer, to destination: ServerDestination, at now: Instant) {
        guard rateToServer.allows(bytes: packet.count, isReliable: false, at: now) else {
            counters.drops.count(.messageRateExceeded)
            return
        }
        send(packet, to: destination, at: now)
    }

    private func noteSent(_ count: Int, _ delivery: Delivery) {
        counters.toServer.count(delivery, bytes: count)
        rateToServer.take(bytes: count)
    }

    /// A message on a stream nobody opened in band: the page negotiated the channel by itself.
    private func learnNegotiatedChannel(stream: UInt16, isUnordered: Bool, at now: Instant) {
        guard route.profile.takesNegotiatedChannels, peer.channels[stream] == nil else { return }
        let reliability = ChannelReliability(isOrdered: !isUnordered, limit: isUnordered ? .retransmissions(0) : .none)
        guard let channel = peer.openNegotiated(stream: stream, label: String(stream), reliability: reliability) else {
            return
        }
        map.open(channel)
        claimPackets(at: now)
    }

    private func send(_ payload: UnsafeRawBufferPointer, to destination: ServerDestination, at now: Instant) {
        guard let server else {
            keep(payload, for: destination)
            return
        }
        switch server.send(payload, channel: destination.channel, delivery: destination.delivery, at: now) {
        case .queued:
            noteSent(payload.count, destination.delivery)
        case .notConnected:
            keepWhileConnecting(payload, for: destination)
        case .queueFull:
            keep(payload, for: destination)
        case .noSuchChannel:
            refuseChannel(destination, at: now)
        case .tooLarge:
            counters.drops.count(.messageTooLarge)
        }
    }

    private func keepWhileConnecting(_ payload: UnsafeRawBufferPointer, for destination: ServerDestination) {
        if case .connecting = phase {
            keep(payload, for: destination)
        } else {
            counters.drops.count(.sessionEnding)
        }
    }

    /// Reliable messages wait; of unreliable ones a server that does not keep up wants only fresh ones.
    private func keep(_ payload: UnsafeRawBufferPointer, for destination: ServerDestination) {
        if destination.delivery == .reliable {
            serverBacklog.append(payload, for: destination)
        } else {
            counters.drops.count(.messageQueueFull)
        }
    }

    private func refuseChannel(_ destination: ServerDestination, at now: Instant) {
        if destination.delivery == .reliable {
            end(.serverChannelMissing(destination.channel), at: now)
        } else {
            counters.drops.count(.messageWithoutCounterpart)
        }
    }

    private func sendBacklog(at now: Instant) {
        while let message = serverBacklog.first, let server,
            rateToServer.allows(bytes: message.payload.count, isReliable: true, at: now)
        {
            let result = message.payload.withUnsafeBytes {
                server.send(
                    $0, channel: message.destination.channel, delivery: message.destination.delivery, at: now)
            }
            switch result {
            case .queued:
                noteSent(message.payload.count, message.destination.delivery)
            case .notConnected, .queueFull:
                return
            case .noSuchChannel:
                refuseChannel(message.destination, at: now)
            case .tooLarge:
                counters.drops.count(.messageTooLarge)
            }
            serverBacklog.removeFirst()
        }
        if serverBacklog.isEmpty { rateToServer.noteNoneWaits() }
    }
}
