import Bridge
import ENet
import Primitives

// How a session ends: whichever side goes, the other is told, after what was already on its way to it.
extension Session {
    /// The browser's side is over, for `reason`. The server gets what the browser sent before, then a disconnect.
    func browserLeft(_ reason: EndReason, at now: Instant) {
        switch phase {
        case .farewellToServer, .ended:
            return
        case .farewellToBrowser(let earlier, _):
            peer.close(reason: earlier.sentence)
            phase = .ended(earlier)
        case .joining:
            peer.close(reason: reason.sentence)
            phase = .ended(reason)
        case .connecting:
            peer.close(reason: reason.sentence)
            // What waits for a connection that is not to be has nowhere to go.
            discardBacklog()
            phase = .farewellToServer(reason, until: now + limits.farewellTimeout)
        case .confirming, .playing:
            peer.close(reason: reason.sentence)
            phase = .farewellToServer(reason, until: now + limits.farewellTimeout)
        }
        discardForBrowser()
    }

    /// The server's side is over, for `reason`. The browser gets what the server sent before, then the end.
    func serverLeft(_ reason: EndReason, at now: Instant) {
        switch phase {
        case .ended:
            return
        case .farewellToServer(let earlier, _):
            phase = .ended(earlier)
        case .farewellToBrowser:
            return
        case .confirming where reason == .serverVanished:
            phase = .farewellToBrowser(reasonOfSilence, until: now + limits.farewellTimeout)
        case .joining, .connecting, .confirming, .playing:
            phase = .farewellToBrowser(reason, until: now + limits.farewellTimeout)
        }
    }

    /// The operating system says that nothing listens at the server (ICMP port unreachable), or that there is no way to it.
    ///
    /// That can be forged, and a server may be about to start again: it ends the session only until the server has answered
    /// CONNECT or, where datagrams are carried as they are, has sent one.
    func hearThatNobodyListens(at now: Instant) {
        switch phase {
        case .connecting: serverLeft(.serverNotThere, at: now)
        case .confirming, .playing:
            if hasServerSpoken { heardThatNobodyListens = true } else { serverLeft(.serverNotThere, at: now) }
        case .joining, .farewellToBrowser, .farewellToServer, .ended: break
        }
    }

    /// Why a server is silent that has answered CONNECT and acknowledged nothing.
    private var reasonOfSilence: EndReason { heardThatNobodyListens ? .serverVanished : .serverRefused }

    /// Ends both sides for a reason of the gateway's own. Nothing that is queued is waited for on the browser's side.
    func end(_ reason: EndReason, at now: Instant) {
        browserLeft(reason, at: now)
    }

    /// Counts as dropped what can no longer reach either side.
    func discardWhatWaits() {
        discardForBrowser()
        discardBacklog()
    }

    private func discardForBrowser() {
        browserQueue.discard()
        counters.drops.count(.sessionEnding, times: UInt64(unclaimed.count))
        unclaimed.removeAll()
    }

    private func discardBacklog() {
        counters.drops.count(.sessionEnding, times: UInt64(serverBacklog.count))
        serverBacklog.removeAll()
    }

    /// When a direction in which nothing moves ends the session; nil while both move.
    var stallDeadline: Instant? {
        Instant.earlier(browserStall.since, serverStall.since).map { $0 + limits.stallTimeout }
    }

    var phaseDeadline: Instant? {
        switch phase {
        case .joining(let until), .confirming(let until), .farewellToBrowser(_, let until),
            .farewellToServer(_, let until):
            until
        case .connecting, .playing, .ended: nil
        }
    }

    /// When the browser counts as gone unless a check arrives; nil once its side is over.
    var consentDeadline: Instant? {
        switch phase {
        case .connecting, .confirming, .playing, .farewellToBrowser: peer.agent.lastCheck + limits.consentTimeout
        case .joining, .farewellToServer, .ended: nil
        }
    }

    func checkDeadlines(at now: Instant) {
        if let stallDeadline, stallDeadline <= now {
            let isServer = serverStall.since.map { $0 + limits.stallTimeout <= now } ?? false
            end(isServer ? .serverTooSlow : .browserTooSlow, at: now)
            (browserStall, serverStall) = (Stall(), Stall())
        }
        if let consentDeadline, consentDeadline <= now {
            browserLeft(.browserVanished, at: now)
        }
        guard let phaseDeadline, phaseDeadline <= now else { return }
        switch phase {
        case .joining: browserLeft(.joinTimedOut(peer.phase), at: now)
        case .confirming:
            // The server has forgotten the peer, so there is no answer to a disconnect to wait for.
            peer.close(reason: reasonOfSilence.sentence)
            server?.disconnect(data: 0, later: false, at: now)
            phase = .ended(reasonOfSilence)
        case .farewellToBrowser(let reason, _):
            peer.close(reason: reason.sentence)
            phase = .ended(reason)
        case .farewellToServer(let reason, _):
            // What is still queued had its time; the server shall at least not keep a ghost.
            server?.disconnect(data: disconnectData, later: false, at: now)
            phase = .ended(reason)
        case .connecting, .playing, .ended: break
        }
    }

    /// Ends a farewell to the browser as soon as it has acknowledged everything, and begins the server's disconnect as
    /// soon as ENet has taken everything.
    func finishFarewells(at now: Instant) {
        switch phase {
        case .farewellToBrowser(let reason, _):
            guard browserQueue.isEmpty, (peer.sendBuffer?.queued ?? 0) == 0 else { return }
            peer.close(reason: reason.sentence)
            phase = .ended(reason)
        case .farewellToServer:
            // ENet delivers what it has before the disconnect; asking again changes nothing.
            guard serverBacklog.isEmpty else { return }
            server?.disconnect(data: disconnectData, later: true, at: now)
        case .joining, .connecting, .confirming, .playing, .ended:
            return
        }
    }
}
