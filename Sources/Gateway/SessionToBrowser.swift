import Bridge
import ENet
import Primitives
import SCTP

// Server → browser.
extension Session {
    /// Takes what the server sent. True when the turn ended with more to take.
    func pullServer(at now: Instant, into outbox: inout Outbox) -> Bool {
        for _ in 0..<Self.turnLength {
            welcomeReliable()
            guard endReason == nil, let event = server?.takeEvent(at: now) else {
                confirm(at: now, into: &outbox)
                return false
            }
            receive(event, at: now)
        }
        return true
    }

    /// A browser that is behind with reliable messages still gets state and voice as they come.
    private func welcomeReliable() {
        let isWelcome = browserQueue.reliableBytes < BrowserQueue.reliableHighWater
        guard let server, server.isReliableWelcome != isWelcome else { return }
        server.isReliableWelcome = isWelcome
    }

    private func receive(_ event: ServerConnectionEvent, at now: Instant) {
        switch event {
        case .connected:
            guard case .connecting = phase else { return }
            phase = .confirming(until: now + limits.serverAcceptTimeout)
        case .packet(let packet):
            forward(packet, at: now)
        case .ended(let reason):
            serverLeft(reason, at: now)
        }
    }

    /// A server that says anything has not forgotten the player: it may be repeating its answer to CONNECT because our
    /// acknowledgement was lost, and until one arrives it cannot acknowledge our pings.
    func noteServerSpoke(at now: Instant) {
        hasServerSpoken = true
        guard case .confirming = phase else { return }
        phase = .confirming(until: now + limits.serverAcceptTimeout)
    }

    /// A Godot server that refuses a player answers CONNECT and then nothing: only an acknowledgement shows that the
    /// player is in.
    private func confirm(at now: Instant, into outbox: inout Outbox) {
        guard case .confirming = phase, server?.isAccepted == true else { return }
        phase = .playing
        outbox.events.append(event(.playing(after: now.since(startedAt))))
    }

    private func forward(_ whole: ReceivedPacket, at now: Instant) {
        switch phase {
        case .confirming, .playing: break
        case .joining, .connecting, .farewellToBrowser, .farewellToServer, .ended:
            counters.drops.count(.sessionEnding)
            return
        }
        let packet: ReceivedPacket
        do throws(DropReason) {
            packet = whole.with(payload: try framing.payload(of: whole.payload, channel: whole.channel))
        } catch {
            counters.drops.count(error)
            return
        }
        guard let destination = map.destination(fromChannel: packet.channel, delivery: packet.delivery),
            destination.stream < peer.outboundStreams
        else {
            keepUnclaimed(packet, at: now)
            return
        }
        send(packet.payload, to: destination, at: now)
    }

    private func keepUnclaimed(_ packet: ReceivedPacket, at now: Instant) {
        guard packet.delivery == .reliable else {
            counters.drops.count(.messageWithoutCounterpart)
            return
        }
        if !unclaimed.append(packet) {
            end(.channelMissing(packet.channel), at: now)
        }
    }

    /// A data channel was opened: what came for it before can go.
    func claimPackets(at now: Instant) {
        guard !unclaimed.isEmpty else { return }
        let map = map
        for packet in unclaimed.take(where: { map.destination(fromChannel: $0, delivery: .reliable) != nil }) {
            guard let destination = map.destination(fromChannel: packet.channel, delivery: .reliable) else { continue }
            packet.payload.withUnsafeBytes { send($0, to: destination, at: now) }
        }
    }

    private func send(_ payload: UnsafeRawBufferPointer, to destination: BrowserDestination, at now: Instant) {
        let limit = min(route.profile.browserMessageLimit, peer.parameters.remoteMaximumMessageSize)
        guard payload.count <= limit else {
            refuseOversize(payload.count, limit, destination, at: now)
            return
        }
        if browserQueue.mayPass(destination, count: payload.count, at: now),
            handOver(payload, destination, at: now) == .accepted
        {
            browserQueue.notePassed(destination, count: payload.count)
            return
        }
        if case .exhausted = browserQueue.append(payload, to: destination, at: now) {
            end(.browserTooSlow, at: now)
        }
    }

    private func refuseOversize(_ count: Int, _ limit: Int, _ destination: BrowserDestination, at now: Instant) {
        if destination.isReliable {
            end(.serverMessageTooLarge(bytes: count, limit: limit), at: now)
        } else {
            counters.drops.count(.messageTooLarge)
        }
    }

    func drainBrowserQueue(at now: Instant) {
        if browserQueue.reliableBytes == 0 { rateToBrowser.noteNoneWaits() }
        guard !browserQueue.isEmpty else { return }
        browserQueue.drain(at: now) { handOver($0, $1, at: now) }
    }

    /// Gives SCTP a message if there is room for its kind (see `SendRoom`).
    private func handOver(
        _ payload: UnsafeRawBufferPointer, _ destination: BrowserDestination, at now: Instant
    ) -> SCTPSendResult {
        let isReliable = destination.isReliable
        guard rateToBrowser.allows(bytes: payload.count, isReliable: isReliable, at: now) else { return .full }
        if !sendRoom.allows(isReliable: isReliable), let buffer = peer.sendBuffer {
            sendRoom.refresh(buffer)
        }
        guard sendRoom.allows(isReliable: isReliable) else { return .full }
        hasHandedOver = true
        let result = peer.send(
            payload, stream: destination.stream, unordered: destination.isUnordered,
            reliability: destination.reliability)
        if result == .accepted {
            sendRoom.take(payload.count, isReliable: isReliable)
            unansweredSince = unansweredSince ?? now
            counters.toBrowser.count(destination.delivery, bytes: payload.count)
            rateToBrowser.take(bytes: payload.count)
        }
        return result
    }
}
