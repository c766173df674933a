import ENet
import Primitives

package enum PlayerKind: String, CaseIterable {
    case native = "native players, to the server"
    case web = "web players, through the gateway"
}

/// What a player's messages are.
package enum Traffic: Sendable {
    /// Unreliable, in any order.
    case state
    /// Reliable, in order.
    case bulk
}

/// One player and its socket.
package protocol Player: AnyObject {
    var kind: PlayerKind { get }
    /// Nil until it is known where it goes.
    var socket: PlayerSocket? { get }
    /// Whether what it sends goes anywhere.
    var isOpen: Bool { get }
    /// When `settle` is next due though nothing arrives.
    var nextDeadline: Instant? { get }
    /// Why it plays no more; nil while it does.
    var end: String? { get }
    /// Called with each message that comes; its bytes are valid until it returns.
    var onMessage: ((UnsafeRawBufferPointer) -> Void)? { get set }

    func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant)
    /// Queues a message; it leaves with `settle`. False where it is not taken.
    @discardableResult func send(_ message: UnsafeRawBufferPointer, at now: Instant) -> Bool
    /// Does what is due and writes out what there is to send.
    func settle(at now: Instant)
    /// Says goodbye with the next `settle`.
    func leave(at now: Instant)
}

/// libenet with its own settings, over a socket.
package final class NativePlayer: Player {
    package let kind = PlayerKind.native
    package let socket: PlayerSocket?
    package private(set) var isOpen = false
    package private(set) var end: String?
    package var onMessage: ((UnsafeRawBufferPointer) -> Void)?
    private let host: ClientHost
    private let traffic: Traffic

    package init(server: TransportAddress, traffic: Traffic = .state) throws {
        var configuration = ClientConfiguration()
        configuration.channelCount = 2
        // As libenet comes: it sends less when the round trip grows.
        configuration.disablesThrottle = false
        var random = SystemRandomNumberGenerator()
        host = ClientHost(configuration: configuration, random: &random)
        socket = try PlayerSocket(to: server)
        self.traffic = traffic
        host.connect(at: Clock.now)
    }

    package var nextDeadline: Instant? { host.nextDeadline }

    package func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        // What libenet cannot have sent is nothing to it.
        try? host.receive(datagram, at: now)
    }

    package func send(_ message: UnsafeRawBufferPointer, at now: Instant) -> Bool {
        host.send(message, channel: 0, delivery: traffic == .state ? .unsequenced : .reliable, at: now) == .queued
    }

    package func settle(at now: Instant) {
        if let deadline = host.nextDeadline, deadline <= now { host.advance(to: now) }
        while let event = host.nextEvent(at: now) {
            switch event {
            case .connected: isOpen = true
            case .packet(let packet): onMessage?(packet.payload)
            case .disconnected, .timedOut, .compressionMismatch, .closed: end = end ?? "its connection ended: \(event)"
            }
        }
        host.flush(at: now)
        host.outgoing.forEach { socket?.send($0) }
        host.outgoing.removeAll()
    }

    package func leave(at now: Instant) {
        host.disconnect(data: 0, later: false, at: now)
    }
}
