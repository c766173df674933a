import DTLS
import Primitives
import SDP

/// A browser's connection with one data channel, over a socket.
package final class WebPlayer: Player {
    package let kind = PlayerKind.web
    package private(set) var socket: PlayerSocket?
    package private(set) var end: String?
    package var onMessage: ((UnsafeRawBufferPointer) -> Void)? {
        get { connection.onMessage }
        set { connection.onMessage = newValue }
    }
    private let connection: WebConnection

    /// - Parameters:
    ///   - number: unlike any other's at the time; below 60,000.
    ///   - isNegotiated: the channel is one that both sides know of beforehand, as Godot's are.
    package init(_ browsers: WebBrowsers, number: Int, traffic: Traffic = .state, isNegotiated: Bool = false) {
        connection = WebConnection(
            context: browsers.context, localPort: UInt16(1024 + number), traffic: traffic, isNegotiated: isNegotiated)
    }

    package var offer: String { connection.offer }
    package var isOpen: Bool { connection.isOpen }

    /// Goes where the answer says.
    package func start(answer: String, at now: Instant) throws {
        let description = try DataChannelDescription(answer: SessionDescription(parsing: answer))
        guard let gateway = description.candidates.first?.address else {
            throw LoadError("An answer names no address.")
        }
        socket = try PlayerSocket(to: gateway)
        connection.start(description, at: now)
    }

    package var nextDeadline: Instant? { socket == nil ? nil : connection.nextDeadline }

    package func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        connection.receive(datagram, at: now)
    }

    package func send(_ message: UnsafeRawBufferPointer, at now: Instant) -> Bool {
        connection.send(message)
    }

    package func settle(at now: Instant) {
        guard let socket else { return }
        connection.settle(at: now) { socket.send($0) }
        if let end = connection.end { self.end = self.end ?? "its connection ended: \(end)" }
    }

    package func leave(at now: Instant) {
        connection.close()
    }
}
