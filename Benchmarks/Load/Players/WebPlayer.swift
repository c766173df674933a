import DTLS
import DataChannels
import Primitives
import SCTP
import SDP
import SimulationSupport

/// What the browsers of a process share: a certificate, which costs more than all else, and ports of their own.
package struct WebBrowsers {
    private let context: DTLSContext
    private let nowhere = TransportAddress(ipv4: 0, port: 0)

    package init() throws {
        context = try DTLSContext(certificate: Certificate())
    }

    /// - Parameter number: unlike any other's at the time; below 60,000.
    package func make(number: Int, channels: [SimulatedBrowser.Channel] = [.state]) -> SimulatedBrowser {
        SimulatedBrowser(
            address: nowhere, gateway: nowhere, context: context, channels: channels,
            sctpPort: UInt16(1024 + number), random: SeededRandom(seed: .random(in: 0 ... .max)))
    }
}

extension SimulatedBrowser.Channel {
    /// Unreliable, and ENet's channel 0.
    package static let state = SimulatedBrowser.Channel(0, label: "0", ordered: false, limit: .retransmissions(0))
}

/// A browser's connection with one unreliable data channel, over a socket.
package final class WebPlayer: Player {
    package let kind = PlayerKind.web
    package private(set) var socket: PlayerSocket?
    package private(set) var end: String?
    package var onMessage: (([UInt8]) -> Void)?
    package let offer: String
    private let browser: SimulatedBrowser

    package init(_ browser: SimulatedBrowser) {
        self.browser = browser
        offer = browser.makeOffer()
        browser.onMessage = { [weak self] _, message in self?.onMessage?(message.payload) }
    }

    /// Goes where the answer says.
    package func start(answer: String, at now: Instant) throws {
        let description = try DataChannelDescription(answer: SessionDescription(parsing: answer))
        guard let gateway = description.candidates.first?.address else {
            throw LoadError("An answer names no address.")
        }
        socket = try PlayerSocket(to: gateway)
        try browser.start(answer: answer, at: now)
    }

    package var nextDeadline: Instant? {
        guard socket != nil else { return nil }
        return browser.needsSettling(at: Clock.now) ? .zero : browser.nextDeadline
    }

    package func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        browser.receive(Array(datagram), at: now)
    }

    package func send(_ message: [UInt8], at now: Instant) {
        guard browser.acknowledgedStreams.contains(0) else { return }
        browser.send(message, stream: 0, unordered: true, reliability: .retransmissions(0))
    }

    package func settle(at now: Instant) {
        guard let socket else { return }
        browser.settle(at: now)
        for datagram in browser.outgoing { datagram.withUnsafeBytes { socket.send($0) } }
        browser.outgoing.removeAll(keepingCapacity: true)
        if let end = browser.end { self.end = self.end ?? "its connection ended: \(end)" }
    }

    package func leave(at now: Instant) {
        browser.close()
    }
}
