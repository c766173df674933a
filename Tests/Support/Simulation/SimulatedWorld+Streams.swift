import Gateway
import Primitives

// Browsers that reach the gateway by TCP. What its shell does with connections is done here: frames in and out, the
// core told of a connection that went, a connection closed on which no browser has shown itself.
extension SimulatedWorld {
    /// The browser opens a TCP connection and sends all there from now on. The one it had it forgets; the gateway learns
    /// nothing of that, as behind a NAT that went away.
    public func connectByTCP(_ browser: SimulatedBrowser) {
        let id = TCPConnectionID(number: UInt64(streamsEver + 1))
        streamsEver += 1
        // Each connection has a port of its own.
        let address = browser.address.with(port: UInt16(truncatingIfNeeded: 50_000 + streamsEver))
        streams[id] = SimulatedStream(
            path: .tcp(id, address), delay: network.links[browser.address.host]?.delay ?? 10,
            random: SeededRandom(seed: random.next()))
        browser.transport = .tcp(id)
    }

    /// The browser's TCP connection breaks, and both ends notice; what was under way is lost. It sends nothing until it
    /// has another.
    public func cutTCP(_ browser: SimulatedBrowser) {
        guard case .tcp(let id) = browser.transport else { return }
        browser.transport = .none
        breakStream(id)
    }

    /// Every connection of nobody's breaks, as when a NAT answers for the browser that has forgotten it.
    public func cutForgottenTCP() {
        let used = browsers.map(\.transport)
        for id in streams.keys.sorted(by: { $0.number < $1.number }) where !used.contains(.tcp(id)) { breakStream(id) }
    }

    /// TCP connections that the gateway keeps for a session.
    public var streamCount: Int { streams.values.count(where: \.isProven) }

    private func breakStream(_ id: TCPConnectionID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        withCore { core, outbox in core.pathClosed(stream.path, at: now, into: &outbox) }
    }

    func deliverStreams() {
        guard !streams.isEmpty else { return }
        for id in streams.keys.sorted(by: { $0.number < $1.number }) {
            for frame in streams[id]?.receive(at: .gateway, now) ?? [] {
                guard let path = streams[id]?.path else { break }
                receiveAtGateway(frame, from: path)
                // Nothing but a valid check may come first.
                if core.isUsed(path) { streams[id]?.isProven = true } else { streams[id] = nil }
            }
            let frames = streams[id]?.receive(at: .browser, now) ?? []
            let browser = browsers.first { $0.transport == .tcp(id) && $0.end != .vanished }
            for frame in frames { browser?.receive(frame, at: now) }
            closeIfDone(id)
        }
    }

    /// The gateway closes the connection: what is under way still arrives.
    func finishStream(_ id: TCPConnectionID) {
        streams[id]?.isFinished = true
        closeIfDone(id)
    }

    private func closeIfDone(_ id: TCPConnectionID) {
        guard let stream = streams[id], stream.isFinished, stream.isEmpty else { return }
        streams[id] = nil
        browsers.first { $0.transport == .tcp(id) }?.transport = .none
    }

    /// Sends what the browser has, whichever way it is connected.
    func send(from browser: SimulatedBrowser) {
        for bytes in browser.outgoing {
            switch browser.transport {
            case .udp: network.send(bytes, from: browser.address, to: browser.gateway, at: now)
            case .tcp(let id): streams[id]?.send(bytes, to: .gateway, at: now)
            case .none: break
            }
        }
        browser.outgoing.removeAll(keepingCapacity: true)
    }
}

extension SimulatedBrowser {
    /// How it is connected to the gateway.
    public enum Transport: Equatable, Sendable {
        case udp
        case tcp(TCPConnectionID)
        case none
    }
}
