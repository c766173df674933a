import Bridge
import Capture
import Primitives

// Where a session's packets are seen by who captures them. Without a capture this is a look at `capture` for each datagram
// that comes and each turn, and one at the tap for each packet.
extension Session {
    func begin(_ capture: SessionCapture) {
        self.capture = capture
        peer.tap = PacketTap()
        tapServer()
    }

    /// A connection to the server was made, or a capture begins.
    func tapServer() {
        guard capture != nil, let server, server.isProtected else { return }
        server.tap = PacketTap()
    }

    /// The shell has bound the socket to the server.
    func serverSocketOpened(at address: TransportAddress) {
        capture?.serverSocket = address
        releaseHeld()
    }

    func endCapture(_ reason: CaptureEnd, at now: Instant) {
        releaseHeld()
        capture?.close(reason, at: now)
        capture = nil
        peer.tap = nil
        server?.tap = nil
    }

    /// The browser's datagram was taken.
    func captureReceivedFromBrowser(at now: Instant) {
        drainBrowserTap(at: now)
        forgetEndedCapture()
    }

    /// The server's datagram was taken.
    func captureReceived(fromServer datagram: UnsafeRawBufferPointer, at now: Instant) {
        if server?.isProtected == true {
            drainServerTap(at: now)
        } else {
            appendServer(datagram, .received, at: now)
        }
        forgetEndedCapture()
    }

    /// A turn is over: what is in `outgoing` is about to leave.
    func captureSent(at now: Instant) {
        releaseHeld()
        drainBrowserTap(at: now)
        if server?.isProtected == true {
            drainServerTap(at: now)
        } else {
            server?.outgoing.forEach { datagram in
                guard capture?.serverSocket != nil else { capture?.hold(datagram, at: now); return }
                appendServer(datagram, .sent, at: now)
            }
        }
        forgetEndedCapture()
    }

    private func drainBrowserTap(at now: Instant) {
        guard let capture else { return }
        let endpoints = browserEndpoints
        peer.tap?.drain { capture.append(sctp: $0, $1, between: endpoints, at: now) }
    }

    private func drainServerTap(at now: Instant) {
        server?.tap?.drain { appendServer($0, $1, at: now) }
    }

    /// Where they come from is known by now, or will not be.
    private func releaseHeld() {
        guard let (datagrams, instant) = capture?.takeHeld() else { return }
        datagrams.drain { appendServer($0, $1, at: instant) }
    }

    private func appendServer(_ datagram: UnsafeRawBufferPointer, _ direction: PacketDirection, at now: Instant) {
        let endpoints = Endpoints(remote: destination.address, local: capture?.serverSocket)
        if route.profile == .datagrams {
            capture?.append(datagram: datagram, direction, between: endpoints, at: now)
        } else {
            capture?.append(enet: datagram, direction, between: endpoints, at: now)
        }
    }

    /// It has come to one of its limits: nothing is to be copied any more.
    private func forgetEndedCapture() {
        guard let end = capture?.end else { return }
        endCapture(end.reason, at: end.at)
    }

    /// Over TCP too: then the ends of the connection, as far as they are known.
    private var browserEndpoints: Endpoints {
        let path = peer.agent.selected ?? peer.agent.validated.last
        let own = path?.connection == nil || limits.advertisedTCP.isEmpty ? limits.advertised : limits.advertisedTCP
        return Endpoints(
            remote: path?.address, local: own.first { $0.family == path?.address.family } ?? own.first)
    }
}
