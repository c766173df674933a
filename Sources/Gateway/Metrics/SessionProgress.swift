import Primitives

/// What a session waits for until it plays, in order.
public enum SetupPhase: String, CaseIterable, Sendable {
    /// From the offer's arrival at the gateway's core to the answer.
    case offer
    /// From the answer to the first valid connectivity check.
    case ice
    /// From there to the end of the DTLS handshake.
    case dtls
    /// From there until data channels can carry messages.
    case sctp
    /// From there until the server has taken the player, the DTLS handshake of `enets://` included.
    case enet

    fileprivate var next: SetupPhase? {
        switch self {
        case .offer: .ice
        case .ice: .dtls
        case .dtls: .sctp
        case .sctp: .enet
        case .enet: nil
        }
    }
}

/// How far a session has come, as metrics see it.
enum SessionProgress {
    case settingUp(SetupPhase, since: Instant)
    /// It plays; when its round-trip times are to be noted next.
    case playing(nextSample: Instant)
}

extension Session {
    // Our choice.
    /// How often a playing session's round-trip times and loss are noted.
    static let sampleInterval: Milliseconds = 5_000
    /// When they are first: a round trip after the first messages there is something to note.
    static let firstSample: Milliseconds = 1_000

    /// Notes what a turn has changed: phases that are over, and from time to time the state of both legs. True when the
    /// server has taken the player in this turn.
    func noteProgress(at now: Instant, into outbox: inout Outbox) -> Bool {
        switch progress {
        case .playing(let due):
            if due <= now { sampleLegs(at: now) }
            return false
        case .settingUp(let phase, let since):
            return noteSetup(from: phase, since: since, at: now, into: &outbox)
        }
    }

    /// Tells that DTLS is up, once: `opened` comes in the same turn where SCTP was set up with the answer.
    func tellSecured(at now: Instant, into outbox: inout Outbox) {
        switch progress {
        case .settingUp(.offer, _), .settingUp(.ice, _), .settingUp(.dtls, _):
            outbox.events.append(event(.secured(after: now.since(startedAt))))
        case .settingUp, .playing: break
        }
    }

    private func noteSetup(
        from first: SetupPhase, since: Instant, at now: Instant, into outbox: inout Outbox
    ) -> Bool {
        guard let reached else { return false }
        if reached.waitingFor == .sctp { tellSecured(at: now, into: &outbox) }
        var (phase, begun): (SetupPhase?, Instant) = (first, since)
        // Several phases may end with one datagram; the first of them took the time.
        while let ended = phase, ended != reached.waitingFor {
            record.noteSetup(ended, took: now.since(begun))
            (phase, begun) = (ended.next, now)
        }
        if let phase {
            if phase != first { progress = .settingUp(phase, since: now) }
            return false
        }
        record.serverTookLastPlayer = true
        progress = .playing(nextSample: now + Self.firstSample)
        return true
    }

    private struct Reached {
        /// Nil for nothing any more.
        let waitingFor: SetupPhase?
    }

    /// Nil once it ends: phases that a session did not get through are not noted.
    private var reached: Reached? {
        switch phase {
        case .playing: Reached(waitingFor: nil)
        case .connecting, .confirming: Reached(waitingFor: .enet)
        case .joining:
            switch peer.phase {
            case .ice: Reached(waitingFor: .ice)
            case .dtls: Reached(waitingFor: .dtls)
            case .sctp, .open: Reached(waitingFor: .sctp)
            case .ended: nil
            }
        case .farewellToBrowser, .farewellToServer, .ended: nil
        }
    }

    private func sampleLegs(at now: Instant) {
        progress = .playing(nextSample: now + Self.sampleInterval)
        guard case .playing = phase else { return }
        if let buffer = peer.sendBuffer {
            let abandoned = UInt32(truncatingIfNeeded: peer.abandonedChunks ?? 0)
            record.noteBrowserLeg(
                roundTrip: Milliseconds(UInt64(max(buffer.roundTripTime, 0))), abandoned: abandoned &- abandonedChunks)
            abandonedChunks = abandoned
        }
        if let leg = server?.leg {
            record.noteServerLeg(leg)
        }
    }
}
